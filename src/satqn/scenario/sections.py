"""What every part of a scenario file is made of: strict, frozen sections and ranges of numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Efficiency = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Fidelity = Annotated[float, Field(gt=0.25, le=1, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Identifier = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\s|,]+$")]
"""A name without blanks, commas and bars: those separate names in commands and tables."""


class Section(BaseModel):
    """A part of a scenario: frozen, and without room for unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, use_attribute_docstrings=True)
