"""The command line, as a person calls it."""

import sys

import pytest

from surveyapp import commands


@pytest.fixture
def surveyapp(database_url, tmp_path, monkeypatch, capsys):
    """Runs one command in this process; gives exit code, output, errors."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SURVEYAPP_DATA", str(tmp_path / "var"))

    def run(*arguments) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["surveyapp", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            commands.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run
