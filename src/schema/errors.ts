import { frozen } from './frozen.ts';

/**
 * Everything that can go wrong, by a stable code. The number is the cloud API's `error_code` for the same
 * condition where it has one.
 */
export const ERROR_CODES = /* #__PURE__ */ frozen({
  /** An option has a value it cannot have. */
  'invalid-option': 216100,
  /**
   * Something that a client, or `track`, needs is missing here: this is no page of a browser
   * nor a worker of one, or of an old one.
   */
  'unsupported-environment': undefined,
  /** As many clients live in the page as may. */
  'too-many-clients': undefined,
  /** What was handed in is nothing that body21 can read a picture from. */
  'unsupported-source': 216100,
  /** The picture has no bytes. */
  'empty-image': 216200,
  /** The bytes are no picture, or not a whole one. */
  'image-format': 216201,
  /** The picture is too small or too large. */
  'image-size': 216202,
  /** A canvas, image or video carries another origin's pixels, which the browser lets nobody read. */
  'source-tainted': undefined,
  /** A bitmap, frame or stream was closed, transferred or read before it was handed in, or has ended. */
  'source-closed': undefined,
  /** An image or video has no picture yet. */
  'source-not-ready': undefined,
  /** A picture's address could not be fetched. */
  'source-fetch': undefined,
  /** A model file could not be fetched. */
  'model-fetch': undefined,
  /**
   * A model file is not the one this version was built with, or that its option names: cut
   * short, altered, or of another version.
   */
  'model-integrity': undefined,
  /**
   * A network of the app's own is no ONNX file, takes or gives something else than its
   * option says, or gives numbers that are none.
   */
  'model-format': undefined,
  /** The worker's script could not be loaded, or is of another version than the page's. */
  'worker-load': undefined,
  /** The worker died. */
  'worker-crash': undefined,
  /** The worker gave no sign of life for too long. */
  'worker-hung': undefined,
  /** The engine on WASM or the runtime for WebGPU could not be started. */
  'backend-failed': undefined,
  /** WebGPU could not be started, or the GPU was lost or ran out of memory. */
  'gpu-failed': undefined,
  /** The model failed on this picture. */
  'inference-failed': 216630,
  /** Three tries in a row failed, each in a new worker; the cause is the last failure. */
  'recovery-failed': 216630,
  /** JSON that should be a result is none: a field is missing or wrong. */
  'invalid-result': undefined,
  /** The client was disposed of. */
  disposed: undefined,
  /** A defect of body21 itself. */
  internal: 282000,
} as const satisfies Record<string, number | undefined>);

/** The stable code of a {@link BodyAnalysisError}. */
export type BodyAnalysisErrorCode = keyof typeof ERROR_CODES;

/** How an error travels from the worker to the page: structured clone would drop class, code and cause. */
export interface ErrorData {
  code: BodyAnalysisErrorCode;
  message: string;
  cause?: { name: string; message: string; stack?: string | undefined };
}

/**
 * The one error class of the library. `code` is stable, `message` says what is wrong and what to do about it,
 * `cause` is the error beneath where there is one.
 *
 * A call that was cancelled rejects with its signal's reason instead, as `fetch` does.
 */
export class BodyAnalysisError extends Error {
  /** The class's name, which outlives minifiers. */
  override readonly name = 'BodyAnalysisError';
  /** What went wrong, for programs. */
  readonly code: BodyAnalysisErrorCode;
  /** The cloud API's `error_code` for the same condition; `undefined` where it has none. */
  readonly apiCode: number | undefined;

  constructor(code: BodyAnalysisErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.apiCode = ERROR_CODES[code];
  }
}

/**
 * Whether a thrown value is one, of whichever copy of the class: some scripts of the worker are complete in
 * themselves.
 */
export function isBodyAnalysisError(error: unknown): error is BodyAnalysisError {
  return error instanceof Error && error.name === 'BodyAnalysisError' && 'code' in error;
}

/** Any thrown value as a {@link BodyAnalysisError}: itself if it is one, else wrapped under `code`. */
export function asBodyAnalysisError(
  error: unknown,
  code: BodyAnalysisErrorCode = 'internal',
  message = 'body21 failed in a way it should not; please report this with the cause below.',
): BodyAnalysisError {
  return isBodyAnalysisError(error) ? error : new BodyAnalysisError(code, message, error);
}

/**
 * The wire form of an error, whatever its cause is: a copy of text
 * alone. The inverse of {@link errorFromData}.
 */
export function errorToData(error: BodyAnalysisError): ErrorData {
  const data: ErrorData = { code: error.code, message: error.message };
  const { cause } = error;
  if (cause instanceof Error) {
    // Nothing forbids that they are others than strings.
    const fields: readonly unknown[] = [cause.name, cause.message, cause.stack];
    const [name = '', message = '', stack] = fields.map((field) =>
      field === undefined ? field : asText(field),
    );
    data.cause = { name, message, stack };
  } else if (cause !== undefined) data.cause = { name: typeof cause, message: inWords(cause) };
  return data;
}

/** The name of the cause of a `gpu-failed` that any other worker would run into on the same GPU. */
const WRONG_ON_GPU = 'WrongOnGpu';

/** A network that a GPU computes otherwise than WASM, for that reason: no network is to run on it. */
export function wrongOnGpu(reason: string): BodyAnalysisError {
  const cause = new Error(reason);
  cause.name = WRONG_ON_GPU;
  return new BodyAnalysisError('gpu-failed', `${reason} The next try does without the GPU.`, cause);
}

/** Why a GPU is not to be used for any network, where that is what went wrong; else `undefined`. */
export function whyWrongOnGpu({ code, cause }: BodyAnalysisError): string | undefined {
  const isWrong = code === 'gpu-failed' && cause instanceof Error && cause.name === WRONG_ON_GPU;
  return isWrong ? cause.message : undefined;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : inWords(value);
}

/** Any value as text, for people. */
export function inWords(value: unknown): string {
  // There is no JSON of these, nor of NaN.
  if (['bigint', 'function', 'number', 'symbol'].includes(typeof value)) return String(value);
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    // What holds itself, or a BigInt.
    return Object.prototype.toString.call(value);
  }
}

/** The error of a wire form; the inverse of {@link errorToData}. */
export function errorFromData(data: ErrorData): BodyAnalysisError {
  if (data.cause === undefined) return new BodyAnalysisError(data.code, data.message);
  const cause = new Error(data.cause.message);
  cause.name = data.cause.name;
  if (data.cause.stack !== undefined) cause.stack = data.cause.stack;
  return new BodyAnalysisError(data.code, data.message, cause);
}
