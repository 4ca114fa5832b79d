/** What a lease of this process is like. */
export interface LeaseSettings {
  /** Name of this worker process, for people who look into the database. */
  worker: string;
  seconds: number;
  /** How many operations this process carries out at once. */
  places: number;
}
