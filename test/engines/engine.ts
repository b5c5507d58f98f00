/**
 * What an engine is to the tests: something that opens a page. The page does the rest, and tells the server.
 */
import type { CheckName } from './checks.ts';

/** An engine that may be installed here. */
export interface Engine {
  /** What `--only` calls it. */
  name: string;
  /**
   * What it is known to lack here. To skip any other check is to fail:
   * nothing else shows that it used to work.
   */
  mayLack: readonly CheckName[];
  /**
   * Checks that are known to fail in it, and how: they are in the table with that, and do not fail the run.
   */
  failures?: Partial<Record<CheckName, string>>;
  find(): Found;
}

/** Whether an engine is here. */
export type Found =
  | {
      /** Starts it with a new profile. */
      launch: () => Promise<Session>;
    }
  | { missing: string };

/** An engine that runs. */
export interface Session {
  /** Its product and version, as it says itself. */
  version: string;
  open(url: string): Promise<void>;
  close(): Promise<void>;
}
