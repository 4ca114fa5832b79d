import { DomainError, invalidRequest, isProblemCode, problemTypes, toProblem } from "../../../service/domain/errors.ts";
import { problemDetails } from "../../../service/domain/operation.ts";

describe("a domain error", () => {
  it("becomes problem details with the status of its code", () => {
    const error = new DomainError("name_taken", "The group ProductionAccess exists: list group in adopt.");
    expect(toProblem(error, { instance: "/v1/environment-requests", requestId: "r1" })).toEqual({
      type: "urn:gatehouse:problem:name_taken",
      title: "The name is taken",
      status: 409,
      detail: "The group ProductionAccess exists: list group in adopt.",
      instance: "/v1/environment-requests",
      code: "name_taken",
      requestId: "r1",
    });
  });

  it("tells every bad field, and never what broke underneath", () => {
    const problem = toProblem(invalidRequest([{ pointer: "/a", message: "must be b" }]), {});
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer: "/a", message: "must be b" }] });
    const hidden = new DomainError("unavailable", "The database is away.", { cause: new Error("password=hunter2") });
    expect(JSON.stringify(toProblem(hidden, {}))).not.toContain("hunter2");
    expect(hidden.cause).toBeInstanceOf(Error);
  });

  it.each(Object.keys(problemTypes))("%s gives problem details of the contract", (code) => {
    expect(isProblemCode(code)).toBe(true);
    if (!isProblemCode(code)) return;
    const problem = toProblem(new DomainError(code, "Detail."), {});
    expect(problemDetails.parse(problem)).toEqual(problem);
    expect(problem.status).toBeGreaterThanOrEqual(400);
  });

  it.each(["toString", "__proto__", "unknown", ""])("%p is no code", (code) => {
    expect(isProblemCode(code)).toBe(false);
  });
});
