"""A resume: a person, what they have done, learned and can do."""

from __future__ import annotations

from pydantic import BaseModel, Field

__all__ = ["Education", "Experience", "Resume"]


class Experience(BaseModel):
    """One job held."""

    title: str = Field(description="Job title")
    employer: str = Field(description="Company or organisation")
    start: str | None = Field(default=None, description="Begin as YYYY-MM, or YYYY where no month is given")
    end: str | None = Field(default=None, description="End as YYYY-MM or YYYY; null if the job goes on")
    summary: str | None = Field(default=None, description="What was done there, in the document's words")


class Education(BaseModel):
    """One degree, school or course."""

    institution: str = Field(description="School or university")
    degree: str | None = Field(default=None, description="Degree and subject as printed")
    year: int | None = Field(default=None, description="Year it was finished")


class Resume(BaseModel):
    """A resume."""

    full_name: str = Field(description="The person's full name")
    headline: str | None = Field(default=None, description="Current role or one-line profile")
    email: str | None = Field(default=None, description="E-mail address")
    phone: str | None = Field(default=None, description="Telephone number as printed")
    location: str | None = Field(default=None, description="Town and country")
    links: list[str] = Field(description="Web addresses: site, profiles, code")
    experience: list[Experience] = Field(description="Jobs, in the document's order")
    education: list[Education] = Field(description="Degrees and schools, in the document's order")
    skills: list[str] = Field(description="Skills, tools and methods named, each once")
    languages: list[str] = Field(description="Languages the person speaks")
