/** A call that was answered, or whose caller went away. */
export interface AnsweredCall {
  method: string;
  /** Template of the path, such as `/v1/operations/{id}`; `unmatched` where nothing is served. */
  route: string;
  /** Null when the caller went away before the answer. */
  status: number | null;
  seconds: number;
}

/** What the door counts, and what it shows at `/metrics`. */
export interface HttpMetrics {
  answered: (call: AnsweredCall) => void;
  /** Everything that is measured in this process, in Prometheus's text format. */
  expose: () => Promise<{ contentType: string; text: string }>;
}
