"""The model registry: every backtest's models as versions of one model, "champion" and "challenger" as its aliases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tillthen.define.faults.errors import DataContractError, sentence
from tillthen.learn.files import altered, refuse_altered
from tillthen.learn.tracking import DIGEST, FACTS, MODELS, Tracked, key_of, model_folder, store, track
from tillthen.runtime.config import Config

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

MODEL, FOLD, DECLARED = "tillthen.model", "tillthen.fold", "tillthen.declared"
CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True)
class Version:
    """A trained model in the registry: the version of a registered model, and from which facts it is.

    ``declared`` is a hash of what it was declared to learn, from what and how: the same for what another training of
    the same declarations gives, another for a model that was changed under its old name.
    """

    registered: str
    number: str
    model: str
    digest: str
    declared: str = ""

    @property
    def words(self) -> str:
        """How people call it."""
        return f"{self.model}, version {self.number} of {self.registered}"


def record(config: Config, folder: Path) -> dict[str, Version]:
    """Track a backtest's folder and register its models; what was done before is not done again.

    Raises
    ------
    DataContractError
        A model is lost or altered since it was measured.
    ReportError
        MLflow does not answer or refuses.
    """
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    refuse_altered(folder, facts)
    tracked = track(config, folder)
    with store(config) as client:
        return register(client, facts, tracked, folder)


def register(client: MlflowClient, facts: Mapping[str, Any], tracked: Tracked, folder: Path) -> dict[str, Version]:
    """The last fold's champion and challenger as versions, once for each facts; by role.

    The alias "challenger" is the challenger's. "champion" is given only where nobody has it, to the model that is
    declared to be in use; from then on `tillthen promote` moves it.
    """
    declared, folds = facts["backtest"], {fold["number"]: fold for fold in facts["protocol"]["folds"]}
    registered, last = declared["name"], max(tracked.folds)
    _create(client, registered)
    found = {}
    for role in (CHAMPION, CHALLENGER):
        name = declared.get(role)
        if name and model_folder(folder, name, folds[last]):
            found[role] = _version(client, registered, name, tracked, last, declared_as(facts, name))
    if CHALLENGER in found:
        client.set_registered_model_alias(registered, CHALLENGER, found[CHALLENGER].number)
    if CHAMPION in found and current(client, registered) is None:
        client.set_registered_model_alias(registered, CHAMPION, found[CHAMPION].number)
    return found


def refuse_altered_version(client: MlflowClient, facts: Mapping[str, Any], version: Version) -> None:
    """Refuse a version whose files in the store are not those that these facts measured.

    Raises
    ------
    DataContractError
        With the files that are lost or altered.
    """
    kept = client.get_model_version(version.registered, version.number)
    folds = {fold["number"]: fold["trained_by"] for fold in facts["protocol"]["folds"]}
    made = (version.model, folds[int(kept.tags[FOLD])])
    files = next(one["files"] for one in facts["provenance"]["models"] if (one["model"], one["fold"]) == made)
    run, place = str(kept.run_id), f"{MODELS}/{key_of(version.model)}"
    with TemporaryDirectory() as folder:
        there = client.list_artifacts(run, place)
        found = Path(client.download_artifacts(run, place, folder)) if there else Path(folder)
        changed = altered(found, files)
    if changed:
        raise DataContractError(
            sentence(f"The files of {version.words}, in MLflow are not those that were measured: "
                     f"{', '.join(changed)} lost or altered",
                     fix="Delete the version and the backtest's run in MLflow: both are then made anew.")
        )  # fmt: skip


def current(client: MlflowClient, registered: str, alias: str = CHAMPION) -> Version | None:
    """The version that has an alias, or None."""
    known = client.get_registered_model(registered).aliases
    return _read(client.get_model_version(registered, known[alias])) if alias in known else None


def move(client: MlflowClient, version: Version) -> None:
    """Make a version the champion; it is a challenger no longer."""
    client.set_registered_model_alias(version.registered, CHAMPION, version.number)
    if current(client, version.registered, CHALLENGER) == version:
        client.delete_registered_model_alias(version.registered, CHALLENGER)


def _create(client: MlflowClient, registered: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(registered)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def declared_as(facts: Mapping[str, Any], name: str) -> str:
    """The hash of what a model of these facts was declared to be."""
    return str(next((one.get("declared") for one in facts["models"] if one["name"] == name), None) or "")


def _version(client: MlflowClient, registered: str, name: str, tracked: Tracked, fold: int, declared: str) -> Version:
    for made in client.search_model_versions(f"name = '{registered}'"):
        known = _read(made)
        if (known.model, known.digest) == (name, tracked.digest):
            return known
    run = client.get_run(tracked.folds[fold])
    tags = {MODEL: name, DIGEST: tracked.digest, FOLD: str(fold), DECLARED: declared}
    source = f"{run.info.artifact_uri}/{MODELS}/{key_of(name)}"
    return _read(client.create_model_version(registered, source, run.info.run_id, tags=tags))


def _read(version: ModelVersion) -> Version:
    told = (version.tags.get(tag, "") for tag in (MODEL, DIGEST, DECLARED))
    return Version(version.name, str(version.version), *told)
