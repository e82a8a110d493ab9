"""Problem details (RFC 9457), the schema of every error."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class FieldProblem(BaseModel):
    """An invalid value in a request."""

    place: str = Field(description="Its place: `body.name`, `query.limit`, `path.id`.")
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
    """Why a request failed."""

    type: str = Field(description="Identifier of the kind of problem.")
    title: str = Field(description="The kind of problem, for users.")
    status: int = Field(description="The HTTP status.", ge=400, le=599)
    detail: str = Field(description="What is wrong, with the value, and what to do.")
    request_id: str | None = Field(description="The request's id in the server's log.")
    errors: list[FieldProblem] = Field([], description="With status 422: the invalid values.")

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
