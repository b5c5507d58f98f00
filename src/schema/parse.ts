import { BODY_PARTS } from './body-parts.ts';
import type { BodyPart } from './body-parts.ts';
import type {
  BodyAnalysisResult,
  Keypoint,
  Landmark33,
  Mask,
  PersonExtras,
  PersonInfo,
  PersonLocation,
  WorldPoint,
} from './result.ts';
import { finite, invalid, list, record, show, size, uint32, uint64Digits, wrong } from './untrusted.ts';

/**
 * The result in JSON data of unknown origin: the cloud API's answer, a file, another program's message. The rules
 * are those of `body-analysis.schema.json`, and two that no JSON Schema can say: `person_num` is the length of
 * `person_info`, and a mask's runs add up to its size.
 *
 * @param value parsed JSON, not its text
 * @returns a new object with the documented fields alone. `log_id` becomes a string; where it came as a number
 * over 2^53, `JSON.parse` has already rounded it.
 * @throws BodyAnalysisError `invalid-result` with the path of the first field that is wrong, or with the number
 * and words of the cloud API's error where `value` is one
 */
export function parseBodyAnalysisResult(value: unknown): BodyAnalysisResult {
  const answer = record(value, 'The result');
  if ('error_code' in answer && !('person_info' in answer)) {
    throw invalid(
      `This is no result but the cloud API's error ${show(answer['error_code'])}, ${show(answer['error_msg'])}. Look the number up in its documentation and ask again.`,
    );
  }
  const person_info = list(answer['person_info'], 'person_info', personInfo);
  const person_num = uint32(answer['person_num'], 'person_num');
  if (person_num !== person_info.length) {
    throw wrong('person_num', `${person_info.length}, the length of person_info`, person_num);
  }
  return { person_num, person_info, log_id: uint64Digits(answer['log_id'], 'log_id') };
}

function personInfo(value: unknown, path: string): PersonInfo {
  const { body_parts, location, extras } = record(value, path);
  const person: PersonInfo = {
    body_parts: bodyParts(body_parts, `${path}.body_parts`),
    location: personLocation(location, `${path}.location`),
  };
  if (extras !== undefined) person.extras = personExtras(extras, `${path}.extras`);
  return person;
}

function bodyParts(value: unknown, path: string): Record<BodyPart, Keypoint> {
  const given = record(value, path);
  const names: readonly string[] = BODY_PARTS;
  const unknownName = Object.keys(given).find((name) => !names.includes(name));
  if (unknownName !== undefined) {
    throw invalid(`${path} must have the 21 documented parts alone, and has ${show(unknownName)} too.`);
  }
  const parts: Partial<Record<BodyPart, Keypoint>> = {};
  for (const part of BODY_PARTS) parts[part] = keypoint(given[part], `${path}.${part}`);
  // The line above sets every one.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return parts as Record<BodyPart, Keypoint>;
}

function keypoint(value: unknown, path: string): Keypoint {
  const { x, y, score } = record(value, path);
  return { x: finite(x, `${path}.x`), y: finite(y, `${path}.y`), score: finite(score, `${path}.score`) };
}

function personLocation(value: unknown, path: string): PersonLocation {
  const { left, top, width, height, score } = record(value, path);
  return {
    left: finite(left, `${path}.left`),
    top: finite(top, `${path}.top`),
    width: size(width, `${path}.width`),
    height: size(height, `${path}.height`),
    score: finite(score, `${path}.score`),
  };
}

function personExtras(value: unknown, path: string): PersonExtras {
  const { landmarks33, world3d, mask } = record(value, path);
  const extras: PersonExtras = {};
  if (landmarks33 !== undefined) {
    extras.landmarks33 = list(landmarks33, `${path}.landmarks33`, landmark, 33);
  }
  if (world3d !== undefined) extras.world3d = list(world3d, `${path}.world3d`, worldPoint, 33);
  if (mask !== undefined) extras.mask = personMask(mask, `${path}.mask`);
  return extras;
}

function landmark(value: unknown, path: string): Landmark33 {
  const { visibility, presence } = record(value, path);
  return {
    ...worldPoint(value, path),
    visibility: finite(visibility, `${path}.visibility`),
    presence: finite(presence, `${path}.presence`),
  };
}

function worldPoint(value: unknown, path: string): WorldPoint {
  const { x, y, z } = record(value, path);
  return { x: finite(x, `${path}.x`), y: finite(y, `${path}.y`), z: finite(z, `${path}.z`) };
}

function personMask(value: unknown, path: string): Mask {
  const given = record(value, path);
  const [height = 0, width = 0] = list(given['size'], `${path}.size`, uint32, 2);
  const counts = list(given['counts'], `${path}.counts`, uint32);
  const pixels = counts.reduce((sum, run) => sum + run, 0);
  if (pixels !== height * width) {
    throw invalid(
      `${path}.counts must add up to ${height} × ${width} pixels, the mask's size, not to ${pixels}.`,
    );
  }
  return { size: [height, width], counts };
}
