import * as v from 'valibot';
import { defineResult } from './definition.ts';
import { BodyAnalysisError } from './errors.ts';
import type { BodyAnalysisResult } from './result.ts';

/** Made when first needed. */
let schema: ReturnType<typeof defineResult>['result'] | undefined;

/**
 * The result in JSON data of unknown origin: the cloud API's answer, a file, another program's message. The
 * rules are those of the package's `body-analysis.schema.json`, and two that no JSON Schema can say:
 * `person_num` is the length of `person_info`, and a mask's runs add up to its size.
 *
 * @param value parsed JSON, not its text
 * @returns a new object with the documented fields alone. `log_id` becomes a string; where it came as a
 * number over 2^53, `JSON.parse` has already rounded it.
 * @throws BodyAnalysisError `invalid-result` with the path of the first field that is wrong, or with the
 * number and words of the cloud API's error where `value` is one
 */
export function parseBodyAnalysisResult(value: unknown): BodyAnalysisResult {
  if (isApiError(value)) {
    throw invalid(
      `This is no result but the cloud API's error ${show(value.error_code)}, ${show(value.error_msg)}. Look the number up in its documentation and ask again.`,
    );
  }
  schema ??= defineResult().result;
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw invalid(describe(parsed.issues[0]));
}

function isApiError(value: unknown): value is { error_code: unknown; error_msg?: unknown } {
  return typeof value === 'object' && value !== null && 'error_code' in value && !('person_info' in value);
}

/** What is wrong with the first field that is. */
function describe(issue: v.BaseIssue<unknown>): string {
  const path = issue.path ?? [];
  const last = path.at(-1);
  const isMissing = last?.origin === 'key' && issue.expected !== 'never';
  if (isMissing) return `${fieldAt(path)} is missing.`;
  if (issue.expected === 'never' && last) {
    const name = typeof last.key === 'number' ? `item ${last.key}` : show(last.key);
    return `${fieldAt(path.slice(0, -1))} ${issue.message}, and has ${name} too.`;
  }
  // Of a list that is too long or too short, its length says more.
  const found = issue.type === 'length' ? issue.received : show(issue.input);
  return `${fieldAt(path)} ${issue.message}, not ${found}.`;
}

/** As JavaScript writes it: `person_info[1].location.left`. */
function fieldAt(path: readonly v.IssuePathItem[]): string {
  const written = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return written === '' ? 'The result' : written.slice(1);
}

function invalid(message: string): BodyAnalysisError {
  return new BodyAnalysisError('invalid-result', message);
}

/** A value in a few characters: it comes from anywhere, and may be megabytes. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
