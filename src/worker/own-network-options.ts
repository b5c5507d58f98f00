import { KEYPOINT_SETS } from '../networks/keypoint-sets.ts';
import type { KeypointNames } from '../networks/keypoint-sets.ts';
import { OWN_KINDS } from '../networks/own-kinds.ts';
import type { OwnFormat, OwnKind } from '../networks/own-network.ts';
import { BODY_PARTS } from '../schema/body-parts.ts';
import { BodyAnalysisError, inWords } from '../schema/errors.ts';
import type { OwnNetworkInput } from '../schema/own-networks.ts';
import type { OwnNetworkRequest } from './protocol.ts';

/** A request after the check. */
export interface Checked {
  url: string;
  sha256: string | undefined;
  maxBytes: number;
  kind: OwnKind;
  names: KeypointNames;
  format: OwnFormat;
  input: OwnNetworkInput;
  outputs: Readonly<Record<string, string>>;
}

/** 128 MiB. */
const MAX_BYTES = 2 ** 27;
const SIDES = { least: 16, most: 2048 };
const OPTIONS = ['url', 'sha256', 'maxBytes', 'kind', 'keypoints', 'input', 'outputs', 'anchor'];
const INPUT_OPTIONS = ['width', 'height', 'channels', 'mean', 'deviation'];

/**
 * Checks what the app has said of its network, which may have no types.
 * @throws BodyAnalysisError `invalid-option`
 */
export function check(request: OwnNetworkRequest): Checked {
  const { url, sha256, maxBytes = MAX_BYTES, kind: name, keypoints, input = {}, outputs = {} } = request;
  const anchor: unknown = ('anchor' in request ? request.anchor : undefined) ?? 'corner';
  onlyHas('', request, OPTIONS);
  if (typeof name !== 'string' || !Object.hasOwn(OWN_KINDS, name))
    throw invalid('kind', `one of ${Object.keys(OWN_KINDS).join(', ')}`, name);
  const kind: OwnKind = OWN_KINDS[name];
  if (sha256 !== undefined && !(typeof sha256 === 'string' && /^[\da-f]{64}$/i.test(sha256)))
    throw invalid('sha256', '64 hexadecimal digits', sha256);
  if (!(Number.isInteger(maxBytes) && maxBytes >= 1))
    throw invalid('maxBytes', 'an integer from 1', maxBytes);
  if (anchor !== 'corner' && anchor !== 'middle' && anchor !== 'udp')
    throw invalid('anchor', 'corner, middle or udp', anchor);
  if (anchor !== 'corner' && name !== 'heatmap') throw invalid('anchor', 'left to the kind heatmap', anchor);
  checkInput(input);
  onlyHas('.outputs', outputs, Object.keys(kind.outputs));
  for (const [role, output] of Object.entries(outputs))
    if (typeof output !== 'string' || output === '')
      throw invalid(`outputs.${role}`, 'the name of an output', output);
  const names = namesOf(keypoints);
  const { width = SIDES.least, height = SIDES.least } = input;
  return {
    url,
    sha256,
    maxBytes,
    kind,
    names,
    format: { keypoints: names.length, width, height, anchor },
    input,
    outputs,
  };
}

function namesOf(keypoints: unknown): KeypointNames {
  const sets: Readonly<Record<string, KeypointNames>> = KEYPOINT_SETS;
  const known = typeof keypoints === 'string' && Object.hasOwn(sets, keypoints) ? sets[keypoints] : undefined;
  if (known) return known;
  if (!Array.isArray(keypoints) || !keypoints.every(isName) || keypoints.length > 1000)
    throw notNames(keypoints);
  const parts = keypoints.filter((part) => part !== null);
  if (parts.length === 0 || new Set(parts).size < parts.length) throw notNames(keypoints);
  return keypoints;
}

function notNames(keypoints: unknown): BodyAnalysisError {
  return invalid(
    'keypoints',
    `one of ${Object.keys(KEYPOINT_SETS).join(', ')}, or a list of body parts, each once, and null for others`,
    keypoints,
  );
}

function isName(part: unknown): part is KeypointNames[number] {
  return part === null || BODY_PARTS.some((name) => name === part);
}

function checkInput(input: OwnNetworkInput): void {
  onlyHas('.input', input, INPUT_OPTIONS);
  for (const side of ['width', 'height'] as const) {
    const value = input[side];
    const { least, most } = SIDES;
    if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most))
      throw invalid(`input.${side}`, `an integer from ${least} to ${most}`, value);
  }
  const { channels } = input;
  if (channels !== undefined && channels !== 'rgb' && channels !== 'bgr')
    throw invalid('input.channels', 'rgb or bgr', channels);
  for (const name of ['mean', 'deviation'] as const) {
    const value: unknown = input[name];
    if (value === undefined) continue;
    const isThree = Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
    if (!isThree || (name === 'deviation' && value.includes(0)))
      throw invalid(`input.${name}`, `three numbers${name === 'deviation' ? ' other than 0' : ''}`, value);
  }
}

function onlyHas(path: string, value: unknown, names: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(path.slice(1), 'an object', value);
  const other = Object.keys(value).find((name) => !names.includes(name));
  if (other !== undefined) {
    throw new BodyAnalysisError(
      'invalid-option',
      `options.landmarks${path} has no ${other}: it has ${names.join(', ')}.`,
    );
  }
}

function invalid(name: string, what: string, value: unknown): BodyAnalysisError {
  const path = name === '' ? '' : `.${name}`;
  return new BodyAnalysisError(
    'invalid-option',
    `options.landmarks${path} must be ${what}, not ${inWords(value)}.`,
  );
}
