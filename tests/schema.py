# SPDX-License-Identifier: ISC
"""schema.py SCHEMA DIR: good*.json in DIR fit the schema, bad*.json do not; unseen*.json are wrong
in a way that no schema sees."""

import json
import pathlib
import sys

import jsonschema


def main(schema_path, folder):
    schema = json.loads(pathlib.Path(schema_path).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in pathlib.Path(folder).glob("*.json"):
        fits = validator.is_valid(json.loads(path.read_text()))
        if fits == path.name.startswith("bad"):
            sys.exit(f"{path.name}: {'fits' if fits else 'does not fit'}")


main(*sys.argv[1:])
