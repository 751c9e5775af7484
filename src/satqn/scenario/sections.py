"""What every part of a scenario file is made of: strict, frozen sections and ranges of numbers."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from satqn.model.shown import described, fields_of

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Efficiency = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Fidelity = Annotated[float, Field(gt=0.25, le=1, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Identifier = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\s|,]+$")]
"""A name without blanks, commas and bars: those separate names in commands and tables."""


LARGEST_WHOLE = 2**53
"""Of a count or a seed: up to here floating-point numbers are whole, and C longs are larger."""
FILES = frozenset({"csv", "file", "geojson", "path", "positions", "table"})
"""Keys whose text is the name of a file, which stays as it is written: a disk may tell ö from ö."""


class Section(BaseModel):
    """A part of a scenario: frozen, and without room for unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, use_attribute_docstrings=True)

    def __repr__(self) -> str:
        return described(type(self).__name__, fields_of(self))

    def __str__(self) -> str:
        return repr(self)

    @field_validator("*", mode="before")
    @classmethod
    def _no_number_from_truth(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse ``true`` where a number belongs, which would be read as 1, and endless whole numbers."""
        if type(value) is int and abs(value) > LARGEST_WHOLE:
            annotation = cls.model_fields[str(info.field_name)].annotation
            if _takes(int, annotation) and not _takes(float, annotation):
                raise PydanticKnownError("less_than_equal", {"le": LARGEST_WHOLE})
        if isinstance(value, bool) and not _takes(bool, cls.model_fields[str(info.field_name)].annotation):
            raise PydanticCustomError("truth", "true is not a value of this key")
        return value if info.field_name in FILES else composed(value)


def composed(value: Any) -> Any:
    r"""Return text, or a list or mapping of texts, in composed form (NFC): two ways to write an ö are one.

    Examples
    --------
    >>> composed(["Ko\u0308ln", 7]) == ["K\u00f6ln", 7]
    True
    """
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, list | tuple) and any(isinstance(item, str) for item in value):
        return type(value)(map(composed, value))
    if isinstance(value, dict):
        return {composed(key): item for key, item in value.items()}
    return value


def _takes(kind: type, annotation: Any) -> bool:
    return annotation is kind or any(_takes(kind, part) for part in get_args(annotation))
