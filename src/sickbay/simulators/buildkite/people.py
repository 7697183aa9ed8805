"""The people who write the code and push the buttons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody."""

    name: str
    login: str

    @property
    def email(self) -> str:
        """Where to write to."""
        return f"{self.login}@users.noreply.github.example"


PEOPLE = (
    Person("Ada Lindqvist", "ada-lq"),
    Person("Bruno Morris", "bmorris"),
    Person("Chidi Okafor", "c-okafor"),
    Person("Dana Petrova", "dpetrova"),
    Person("Elena Vázquez", "elenavz"),
    Person("Farid Kim", "farid-kim"),
    Person("Grace Hoang", "grace-hoang"),
    Person("Haruto Sato", "hsato"),
    Person("Ivana Kovač", "ivana-k"),
    Person("João Mendes", "jmendes"),
    Person("Kofi Asante", "kofi-asante"),
    Person("Li Wang", "liwang-ml"),
)
BY_LOGIN = {person.login: person for person in PEOPLE}
