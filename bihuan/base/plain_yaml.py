"""YAML that people type: without aliases, of which a few lines can be copied to more than any memory holds."""

from typing import Any

import yaml
from yaml.composer import ComposerError


class _Plain(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            problem = "aliases such as *a are not allowed: write it out"
            raise ComposerError(None, None, problem, self.get_mark())
        return super().compose_node(parent, index)


def read_yaml(text: str) -> Any:
    """What it says; yaml.YAMLError for what is no YAML, an alias, and a day or number that there is not."""
    loader = _Plain(text)
    try:
        return loader.get_single_data()
    except (ValueError, RecursionError) as error:
        raise yaml.YAMLError(str(error)) from None
    finally:
        loader.dispose()
