import { BodyAnalysisError } from 'body21';
import { words } from './words.ts';

/** What went wrong, for the visitor: by the library's code where it is the library that says so. */
export function explain(error: unknown): string {
  if (error instanceof BodyAnalysisError) return words.errors.sentence(error.code, error.message);
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
