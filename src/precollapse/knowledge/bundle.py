"""The whole knowledge as one object, and which file each part comes from."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from precollapse.errors import KnowledgeError
from precollapse.knowledge.model import (
    Code,
    Concept,
    Corticosteroid,
    ExposureSettings,
    PathwayItem,
    SafetyStatement,
    Source,
    UrgencyRule,
)
from precollapse.knowledge.model_diagnosis import (
    Decision,
    Diagnosis,
    DiagnosisSettings,
    Finding,
    Sign,
    Test,
    Timing,
)
from precollapse.knowledge.model_forecast import ForecastOption, ForecastSettings, StartClass
from precollapse.knowledge.model_plan import PlainWords, PlanItem, Question, Rehabilitation, Term
from precollapse.knowledge.model_risk import (
    Attribution,
    Cause,
    Cohort,
    DoseResponse,
    Effect,
    OnsetCurve,
    Prevention,
    RiskSettings,
)
from precollapse.knowledge.model_scores import Score
from precollapse.knowledge.model_screening import ScreeningRule
from precollapse.knowledge.model_staging import Contradiction, StagingSettings, StagingSystem
from precollapse.knowledge.model_treatment import GoalOf, Treatment
from precollapse.knowledge.usual import expanded


class ExtraCodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Further codes of a concept that is defined elsewhere."""

    concept: str
    codes: tuple[Code, ...]


class Knowledge(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the product knows; every part is keyed by id in the order of its files."""

    version: str
    concepts: dict[str, Concept]
    extra_codes: tuple[ExtraCodes, ...] = ()
    corticosteroids: dict[str, Corticosteroid]
    exposure_settings: ExposureSettings
    routes: dict[str, Any]
    substances: dict[str, Any]
    answers: dict[str, Any]
    urgency: dict[str, UrgencyRule]
    prevention: dict[str, Prevention]
    causes: dict[str, Cause]
    cohorts: dict[str, Cohort]
    effects: dict[str, Effect]
    onset_curves: dict[str, OnsetCurve]
    dose_responses: dict[str, DoseResponse]
    risk_settings: RiskSettings
    attributions: dict[str, Attribution]
    diagnoses: dict[str, Diagnosis]
    signs: dict[str, Sign]
    findings: dict[str, Finding]
    decisions: dict[str, Decision]
    tests: dict[str, Test]
    timings: dict[str, Timing]
    screening: dict[str, ScreeningRule]
    diagnosis_settings: DiagnosisSettings
    forecast_classes: dict[str, StartClass]
    forecast_options: dict[str, ForecastOption]
    forecast_settings: ForecastSettings
    scores: dict[str, Score]
    staging_settings: StagingSettings
    staging_systems: dict[str, StagingSystem]
    contradictions: dict[str, Contradiction]
    treatments: dict[str, Treatment]
    goals: dict[str, GoalOf]
    plan: dict[str, PlanItem]
    rehabilitation: dict[str, Rehabilitation]
    questions: dict[str, Question]
    glossary: dict[str, Term]
    plain_words: dict[str, PlainWords]
    sources: dict[str, Source]
    pathway: dict[str, PathwayItem]
    safety_statement: SafetyStatement

    def merged(self) -> Knowledge:
        """Return the same knowledge with extra codes in their concepts and usual limits in definitions."""
        concepts = dict(self.concepts)
        for extra in self.extra_codes:
            concept = concepts.get(extra.concept)
            if concept is None:
                raise KnowledgeError(f"codes-from-samples.yaml: there is no concept {extra.concept}")
            known = {(code.system, code.code) for code in concept.codes}
            new = tuple(code for code in extra.codes if (code.system, code.code) not in known)
            concepts[extra.concept] = msgspec.structs.replace(concept, codes=concept.codes + new)
        for name, concept in concepts.items():
            if concept.derive is not None:
                derive = expanded(concept.derive, concepts, name)
                concepts[name] = msgspec.structs.replace(concept, derive=derive)
        return msgspec.structs.replace(self, concepts=concepts, extra_codes=())


class KnowledgeKey:
    """Knowledge as the key of a cache, by identity: two may share a version while one is being edited."""

    __slots__ = ("knowledge",)

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def __hash__(self) -> int:
        return id(self.knowledge)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KnowledgeKey) and other.knowledge is self.knowledge


class FileSpec(NamedTuple):
    """Where one part of the knowledge is written: a pattern, the type of an entry, and its shape."""

    field: str
    pattern: str
    type: Any
    many: bool = True
    keyed: bool = True


FILES = (
    FileSpec("concepts", "concepts/*.yaml", Concept),
    FileSpec("extra_codes", "codes-from-samples.yaml", ExtraCodes, keyed=False),
    FileSpec("corticosteroids", "drugs/corticosteroids.yaml", Corticosteroid),
    FileSpec("exposure_settings", "drugs/exposure.yaml", ExposureSettings, many=False),
    FileSpec("routes", "drugs/routes.yaml", dict[str, Any], many=False),
    FileSpec("substances", "substances/substances.yaml", dict[str, Any], many=False),
    FileSpec("answers", "answers.yaml", dict[str, Any], many=False),
    FileSpec("urgency", "urgency/*.yaml", UrgencyRule),
    FileSpec("prevention", "prevention/*.yaml", Prevention),
    FileSpec("causes", "risk/causes.yaml", Cause),
    FileSpec("cohorts", "risk/cohorts-*.yaml", Cohort),
    FileSpec("effects", "risk/effects-*.yaml", Effect),
    FileSpec("onset_curves", "risk/onset-curves.yaml", OnsetCurve),
    FileSpec("dose_responses", "risk/dose-responses.yaml", DoseResponse),
    FileSpec("risk_settings", "risk/settings.yaml", RiskSettings, many=False),
    FileSpec("attributions", "types/*.yaml", Attribution),
    FileSpec("diagnoses", "diagnosis/diagnoses.yaml", Diagnosis),
    FileSpec("signs", "diagnosis/signs*.yaml", Sign),
    FileSpec("findings", "diagnosis/findings-*.yaml", Finding),
    FileSpec("decisions", "diagnosis/decisions.yaml", Decision),
    FileSpec("tests", "diagnosis/tests*.yaml", Test),
    FileSpec("timings", "diagnosis/timings.yaml", Timing),
    FileSpec("screening", "screening/*.yaml", ScreeningRule),
    FileSpec("diagnosis_settings", "diagnosis/settings.yaml", DiagnosisSettings, many=False),
    FileSpec("forecast_classes", "forecast/classes.yaml", StartClass),
    FileSpec("forecast_options", "forecast/options*.yaml", ForecastOption),
    FileSpec("forecast_settings", "forecast/settings.yaml", ForecastSettings, many=False),
    FileSpec("scores", "scores/*.yaml", Score),
    FileSpec("staging_settings", "staging/settings.yaml", StagingSettings, many=False),
    FileSpec("staging_systems", "staging/systems-*.yaml", StagingSystem),
    FileSpec("contradictions", "staging/contradictions.yaml", Contradiction),
    FileSpec("treatments", "treatments/*/*.yaml", Treatment),
    FileSpec("goals", "treatments/goals.yaml", GoalOf),
    FileSpec("plan", "plan/*.yaml", PlanItem),
    FileSpec("rehabilitation", "rehabilitation/*.yaml", Rehabilitation),
    FileSpec("questions", "questions/*.yaml", Question),
    FileSpec("glossary", "glossary/*.yaml", Term),
    FileSpec("plain_words", "plain-words.yaml", PlainWords),
    FileSpec("sources", "sources/*.yaml", Source),
    FileSpec("pathway", "pathway.yaml", PathwayItem),
    FileSpec("safety_statement", "safety-statement.yaml", SafetyStatement, many=False),
)
