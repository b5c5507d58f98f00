import { asBodyAnalysisError, BodyAnalysisError } from '../schema/errors.ts';
import type { BodyAnalysisResult } from '../schema/result.ts';
import { letUsingDispose } from '../schema/using.ts';
import type { DISPOSE } from '../schema/using.ts';
import { BodyAnalysisClient } from './client.ts';
import { checkOptions } from './options.ts';
import type { BodyAnalysisClientOptions } from './options.ts';
import { frozen } from '../schema/frozen.ts';

/** The cloud API's errors that can happen without a cloud, in its words. */
export const AIP_ERRORS = /* #__PURE__ */ frozen({
  216100: 'invalid param',
  216101: 'not enough param',
  216200: 'empty image',
  216201: 'image format error',
  216202: 'image size error',
  216630: 'recognize error',
  282000: 'internal error',
});

/** The number of an error that {@link AipBodyAnalysisClient} answers with. */
export type AipErrorCode = keyof typeof AIP_ERRORS;

/** An answer of the cloud API that is no result. */
export interface AipErrorAnswer {
  error_code: AipErrorCode;
  /** The API's words, then a colon and what to do about it. */
  error_msg: string;
  /** A random unsigned 64-bit number as a decimal string. */
  log_id: string;
}

/** How the client behind the drop-in is made; the limits are the API's. */
export type AipClientOptions = Omit<BodyAnalysisClientOptions, 'limits' | 'signal'>;

/** The longest base64 string the API takes, in characters: 4 MB. */
const MAX_BASE64_LENGTH = 4 * 1024 * 1024;

/** The API's sides, in pixels: looked up in the header by the worker, before it decodes anything. */
const API_LIMITS = { minSide: 15, maxSide: 4096 };

/**
 * How base64 of a JPEG, PNG or BMP file begins: their signatures, without
 * the bits that spill into the next byte.
 */
const API_FORMATS = /^(?:\/9j\/|iVBORw0KGgo|Qk[0-3])/;

/**
 * Takes the place of the class that programs make the cloud API's client of, with the API's own limits. A
 * program that only asks for keypoints runs as it is but for the import, whether it was written for version 2
 * of the API's Node.js SDK (`bodyAnalysis`) or for version 4 ({@link AipBodyAnalysisClient.bodyAnalysisV1}).
 *
 * ```ts
 * const client = new AipBodyAnalysisClient(APP_ID, API_KEY, SECRET_KEY);
 * const answer = await client.bodyAnalysis(base64);
 * if ('error_code' in answer) console.error(answer.error_msg);
 * ```
 *
 * Its first call starts the worker and loads the models.
 */
export class AipBodyAnalysisClient {
  /** {@link AipBodyAnalysisClient.dispose}, for `using`. */
  declare readonly [DISPOSE]: () => void;
  readonly #options: AipClientOptions;
  /**
   * The client, from the first call on; none again where it could not be
   * made, so that the next call tries anew.
   */
  #client: Promise<BodyAnalysisClient> | undefined;
  readonly #disposal = new AbortController();

  /**
   * Keys are not needed, and go nowhere.
   * @throws BodyAnalysisError `invalid-option`
   */
  constructor(_appId?: string, _apiKey?: string, _secretKey?: string, options: AipClientOptions = {}) {
    checkOptions(options);
    letUsingDispose(this);
    this.#options = options;
  }

  /**
   * Everyone in the picture.
   *
   * As with the SDK, an error of the API is an answer: 216101 without a picture, 216100 for anything but a
   * string, 216200 for an empty one, 216201 for anything but a whole JPEG, PNG or BMP file, 216202 over 4 MB
   * or outside 15 … 4096 px a side (the API's words for it speak of the image's size, in bytes as in pixels),
   * 216630 and 282000 where the analysis fails.
   *
   * @param image base64 of a JPEG, PNG or BMP file, at most 4 × 1024 × 1024
   * characters without a data URL's header
   * @param _options the API has none for this call; what is given is ignored
   * @throws BodyAnalysisError where the SDK would reject for the network's sake: `unsupported-environment`,
   * `too-many-clients`, `worker-load`, `model-fetch`, `model-integrity`, `backend-failed`, `recovery-failed`
   * where not even the models could be loaded; and `disposed`
   */
  async bodyAnalysis(
    image?: string,
    _options?: Readonly<Record<string, unknown>>,
  ): Promise<BodyAnalysisResult | AipErrorAnswer> {
    this.#disposal.signal.throwIfAborted();
    const base64 = typeof image === 'string' ? image.replace(/^data:[^,]*,/, '').trim() : image;
    const refusal = refuse(base64);
    if (refusal) return errorAnswer(...refusal);
    const client = await this.#open();
    try {
      // What is no string was refused.
      return await client.bodyAnalysis(base64 ?? '');
    } catch (cause) {
      const error = asBodyAnalysisError(cause);
      if (!isAipErrorCode(error.apiCode)) throw error;
      return errorAnswer(error.apiCode, error.message);
    }
  }

  /** {@link AipBodyAnalysisClient.bodyAnalysis}, by the name that version 4 of the SDK gives it. */
  bodyAnalysisV1(
    image?: string,
    options?: Readonly<Record<string, unknown>>,
  ): Promise<BodyAnalysisResult | AipErrorAnswer> {
    return this.bodyAnalysis(image, options);
  }

  /** Does nothing: a token is not needed, and goes nowhere. Both versions of the SDK take one. */
  setAccessToken(_token?: string, _expireTime?: number): void {}

  /** Ends the worker and frees its memory. Calls that are under way reject with the code `disposed`. */
  dispose(): void {
    if (this.#disposal.signal.aborted) return;
    this.#disposal.abort(
      new BodyAnalysisError('disposed', 'The client was disposed of. Create another one.'),
    );
    this.#client?.then(
      (client) => client.dispose(),
      () => {},
    );
  }

  #open(): Promise<BodyAnalysisClient> {
    this.#client ??= BodyAnalysisClient.create({
      ...this.#options,
      limits: API_LIMITS,
      signal: this.#disposal.signal,
    }).catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }
}

/** Why the API would refuse the base64 string, as far as that shows from outside. */
function refuse(base64: unknown): [code: AipErrorCode, reason: string] | undefined {
  if (base64 === undefined || base64 === null) return [216101, 'hand in the image as a base64 string.'];
  if (typeof base64 !== 'string') {
    return [216100, `the image must be a base64 string, not of type ${typeof base64}.`];
  }
  if (base64 === '') return [216200, 'the string has no bytes of an image.'];
  if (base64.length > MAX_BASE64_LENGTH) {
    return [
      216202,
      `the base64 string has ${base64.length} characters; at most ${MAX_BASE64_LENGTH} (4 MB) are taken. Scale the image down or compress it more.`,
    ];
  }
  if (!API_FORMATS.test(base64)) {
    return [216201, 'the string is not base64 of a JPEG, PNG or BMP file. Save the image as one of them.'];
  }
  return undefined;
}

function isAipErrorCode(code: number | undefined): code is AipErrorCode {
  return code !== undefined && code in AIP_ERRORS;
}

function errorAnswer(code: AipErrorCode, reason: string): AipErrorAnswer {
  return {
    error_code: code,
    error_msg: `${AIP_ERRORS[code]}: ${reason}`,
    log_id: String(crypto.getRandomValues(new BigUint64Array(1))[0]),
  };
}
