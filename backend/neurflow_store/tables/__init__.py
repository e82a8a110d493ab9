"""The tables, one module for each subject. Importing this package registers all of them with :class:`Base`."""

from __future__ import annotations

from neurflow_store.tables.analyses import Analysis, AnalysisImage, Measurement
from neurflow_store.tables.artifacts import Artifact
from neurflow_store.tables.base import Base
from neurflow_store.tables.circuits import Circuit, CircuitImage, CircuitLayer, CircuitPatch
from neurflow_store.tables.datasets import Dataset, DatasetImage
from neurflow_store.tables.evaluations import Evaluation, Prediction
from neurflow_store.tables.groups import Edge, Exemplar, Group
from neurflow_store.tables.jobs import Job, JobKind, JobState, Queue, SweepRow, WorkerRow
from neurflow_store.tables.networks import Network
from neurflow_store.tables.neurons import Neuron, SemanticGroup
from neurflow_store.tables.owned import Owned, Visibility
from neurflow_store.tables.previews import CircuitPreview
from neurflow_store.tables.sharing import (
    ChangeKind,
    CircuitChange,
    Label,
    LabelChange,
    Note,
    NoteSubject,
    ShareLink,
    View,
    ViewPicture,
)
from neurflow_store.tables.users import (
    Activity,
    ApiToken,
    Role,
    Scope,
    Space,
    SpaceKind,
    SpaceMember,
    User,
    UserSession,
)

__all__ = [
    "Activity",
    "Analysis",
    "AnalysisImage",
    "ApiToken",
    "Artifact",
    "Base",
    "ChangeKind",
    "Circuit",
    "CircuitChange",
    "CircuitImage",
    "CircuitLayer",
    "CircuitPatch",
    "CircuitPreview",
    "Dataset",
    "DatasetImage",
    "Edge",
    "Evaluation",
    "Exemplar",
    "Group",
    "Job",
    "JobKind",
    "JobState",
    "Label",
    "LabelChange",
    "Measurement",
    "Network",
    "Neuron",
    "Note",
    "NoteSubject",
    "Owned",
    "Prediction",
    "Queue",
    "Role",
    "Scope",
    "SemanticGroup",
    "ShareLink",
    "Space",
    "SpaceKind",
    "SpaceMember",
    "SweepRow",
    "User",
    "UserSession",
    "View",
    "ViewPicture",
    "Visibility",
    "WorkerRow",
]
