"""`reproduce` for figure 2, which needs no data: every file, its form, and what can go wrong."""

from __future__ import annotations

import base64
import csv
import json
import os
import re
import struct
import subprocess
import sys
from html import escape

import numpy as np
import pytest

from satqn.errors import InputError, OutputError
from satqn.experiments import run
from satqn.experiments.context import Context
from satqn.experiments.experiment import Data, to_csv

UNITS = ("_km", "_per_s", "_repeaters", "fidelity")


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    heard: list[tuple[str, float]] = []
    outcomes = run.reproduce(["2"], folder, context=Context(), report=lambda *word: heard.append(word))
    return folder, outcomes, heard


def test_every_claim_of_figure_2_is_reproduced(reproduced):
    _, outcomes, _ = reproduced
    claims = [claim for outcome in outcomes for claim in outcome.claims]
    assert [claim.sentence for claim in claims if claim.verdict != "reproduced"] == []
    assert run.summary(outcomes)["reproduced"] == len(claims) == 21


def test_every_experiment_writes_figure_data_and_claims(reproduced):
    folder, outcomes, _ = reproduced
    assert [outcome.experiment.id for outcome in outcomes] == [f"shao2025.fig2{panel}" for panel in "abc"]
    for outcome in outcomes:
        names = [path.name.removeprefix(outcome.experiment.id) for path in outcome.files]
        assert names == [".pdf", ".png", ".csv", ".claims.json"]
        assert all(path.parent == folder and path.stat().st_size > 0 for path in outcome.files)
    left = {path.name for path in folder.iterdir()} - {path.name for one in outcomes for path in one.files}
    assert left == {"claims.json", "reproduction.html"}


def test_pdf_fonts_are_embedded_and_png_is_sharp(reproduced):
    folder, _, _ = reproduced
    pdf = (folder / "shao2025.fig2a.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"/Type3" not in pdf
    assert b"/FontFile2" in pdf
    png = (folder / "shao2025.fig2a.png").read_bytes()
    width, height = struct.unpack(">II", png[16:24])
    assert width >= 1000
    assert height >= 600


def test_tables_have_units_in_every_header_and_the_numbers_of_the_claims(reproduced):
    folder, _, _ = reproduced
    with (folder / "shao2025.fig2a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(name.endswith(UNITS) for name in rows[0])
    last = rows[-1]
    assert float(last["length_km"]) == 1500.0
    assert float(last["published_rate_per_s"]) == pytest.approx(3.514, abs=5e-4)
    assert int(last["published_photon_repeaters"]) == 160


def test_json_and_page_agree_with_the_outcomes(reproduced):
    folder, outcomes, _ = reproduced
    document = json.loads((folder / "claims.json").read_text())
    assert document["summary"] == run.summary(outcomes)
    assert document["experiments"] == [outcome.to_dict() for outcome in outcomes]
    for outcome in outcomes:
        own = json.loads((folder / f"{outcome.experiment.id}.claims.json").read_text())
        assert own == outcome.to_dict()["claims"]


def test_the_page_shows_every_figure_and_claim_and_asks_nothing_of_the_network(reproduced):
    folder, outcomes, _ = reproduced
    page = (folder / "reproduction.html").read_text()
    assert "21 of 21 judged claims are reproduced." in page
    for outcome in outcomes:
        picture = base64.b64encode((folder / f"{outcome.experiment.id}.png").read_bytes()).decode()
        assert picture in page
        for claim in outcome.claims:
            assert escape(claim.sentence) in page
    assert not re.search(r"(src|href)=.(https?:)?//", page)


def test_progress_goes_from_0_to_1_and_names_the_experiment(reproduced):
    _, _, heard = reproduced
    shares = [share for _, share in heard]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] <= 1.0
    assert all(re.match(r"shao2025\.fig2[abc]", what) for what, _ in heard)


def test_a_second_run_writes_the_same_bytes(reproduced, tmp_path):
    folder, _, _ = reproduced
    run.reproduce(["2b"], tmp_path, context=Context())
    for kind in ("pdf", "png", "csv", "claims.json"):
        name = f"shao2025.fig2b.{kind}"
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_users_matplotlib_settings_stay_as_they_were(tmp_path):
    import matplotlib

    before = dict(matplotlib.rcParams)
    run.reproduce(["2b"], tmp_path, context=Context())
    assert dict(matplotlib.rcParams) == before


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        run.reproduce(["2b"], tmp_path / "file", context=Context())


def test_an_unknown_name_writes_nothing(tmp_path):
    with pytest.raises(InputError, match="no experiment 'nine'"):
        run.reproduce(["nine"], tmp_path / "out", context=Context())
    assert not (tmp_path / "out").exists()


def test_without_the_census_data_the_error_says_what_to_do(tmp_path):
    # A process of its own: networks that other tests have built are kept in this one.
    environment = {name: value for name, value in os.environ.items() if name != "SATQN_DATA"}
    environment |= {"SATQN_CACHE_DIR": str(tmp_path / "cache"), "SATQN_CENSUS_URL": "http://127.0.0.1:9/"}
    words = [sys.executable, "-m", "satqn", "reproduce", "3c", "-o", str(tmp_path / "out")]
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "satqn data fetch" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_masked_entries_are_empty_cells_and_text_is_quoted():
    columns = {
        "rate_per_s": np.ma.MaskedArray([1.0 / 3.0, 2.0], mask=[False, True]),
        "n": np.array([1, 2]),
        "way": np.array(["fibre", "a,b"]),
        "joined": np.array([True, False]),
    }
    assert to_csv(columns).splitlines() == [
        "rate_per_s,n,way,joined",
        "0.3333333333,1,fibre,True",
        ',2,"a,b",False',
    ]


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="different lengths"):
        Data({"table": {"a": [1, 2], "b": [1]}})
