"""Problem details, RFC 9457: what every error is answered with."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class FieldProblem(BaseModel):
    """What is wrong with one value of a request."""

    place: str = Field(description="Where it stands: `body.name`, `query.limit`, `path.id`.")
    value: str = Field(description="The value as JSON, shortened.")
    message: str

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "place": "query.limit",
                "value": '"0"',
                "message": "Input should be greater than or equal to 1",
            }
        }
    )


class Problem(BaseModel):
    """Why a request was not done."""

    type: str = Field(description="A word for the kind of problem.")
    title: str = Field(description="The kind of problem for people.")
    status: int = Field(description="The status of the answer.", ge=400, le=599)
    detail: str = Field(description="What is wrong here, with the value, and what to do.")
    request_id: str | None = Field(description="By which the server's log tells of the request.")
    errors: list[FieldProblem] = Field([], description="With status 422: each value that does not fit.")

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "not-found",
                "title": "Not found",
                "status": 404,
                "detail": "no circuit 'cat-7k2m9'",
                "request_id": "0f3a5cb1d2e94d7f",
            }
        }
    )
