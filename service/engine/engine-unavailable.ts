/** No run could be begun, for a reason that passes: nothing of it was done, and it may be asked for again. */
export class EngineUnavailable extends Error {
  constructor(message: string) {
    super(message);
    this.name = "EngineUnavailable";
  }
}
