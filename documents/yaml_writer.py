"""Plain data to YAML that yaml_reader reads back as the same text."""

from typing import Any

import yaml

WIDTH = 110


def write(data: Any) -> str:
    """Keys keep their order; numbers and truths are written bare, text is quoted where YAML would misread it."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)


class _Dumper(yaml.SafeDumper):
    """Without the anchors that PyYAML makes for equal values: the reader refuses them."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
