"""The slow way: our modules beside all of Synthea's own, week by week, by the engine's own generator."""

from __future__ import annotations

import contextlib
import io
from datetime import date, datetime, time
from typing import Any

from synthetic.modules import add_modules, definitions, engine, states_by_name
from synthetic.people import Person, history


class CoreWorld:
    """As ``World``, with Synthea's own modules; some patients have died before the last day."""

    def __init__(self, parameters: dict[str, Any], seed: int, as_of: date) -> None:
        found = definitions(parameters, life=False)
        self.parameters = parameters
        self.seed = seed
        self.as_of = as_of
        self.states = states_by_name(found)
        with contextlib.redirect_stdout(io.StringIO()):
            self._generator = _generator(parameters, found, seed, as_of)

    def person(self, number: int) -> Person:
        """Return one person who has lived until death or the last day of the records."""
        return Person(number, self._generator.generate_person(number))


def _generator(parameters: dict[str, Any], found: dict[str, dict[str, Any]], seed: int, as_of: date) -> Any:
    """Return the engine's generator with our modules among its own."""
    module = engine("engine.generator")

    class WithOurModules(module.Generator):  # type: ignore[misc, name-defined]
        """A generator that loads our modules after its own."""

        def _load_modules(self) -> None:
            super()._load_modules()
            add_modules(found)
            self.module_list = self._get_module_list()

        def _set_demographics(self, person: Any) -> None:
            super()._set_demographics(person)
            age = self.options.reference_date - person.attributes["birth_date"]
            person.attributes.update(history(parameters, age.days, person.random))

    options = module.GeneratorOptions()
    options.seed = seed
    options.reference_date = datetime.combine(as_of, time())
    options.reference_date_explicit = True
    options.min_age, options.max_age = 2, 90
    return WithOurModules(options)
