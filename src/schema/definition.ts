import * as v from 'valibot';
import { BODY_PARTS } from './body-parts.ts';

/** 2^32 - 1, the most that the cloud API's counts hold. */
const MAX_UINT32 = 4_294_967_295;

/** One picture has as many landmarks of each kind, or none. */
const LANDMARKS = 33;

/**
 * What a result is. `parseBodyAnalysisResult` reads by it, the package's JSON Schema is written from it, and
 * `test/unit/types.test-d.ts` holds the public types against it. Messages say what a field must be; the
 * parser adds where it is, and what is there instead.
 *
 * A function, since an app that never parses keeps no part of what is only made when it is called.
 */
export function defineResult() {
  const number = v.pipe(v.number('must be a finite number'), v.finite('must be a finite number'));
  const size = v.pipe(number, v.minValue(0, 'must be at least 0'));
  const uint32Rule = 'must be an integer from 0 to 2^32 - 1';
  const uint32 = v.pipe(
    v.number(uint32Rule),
    v.integer(uint32Rule),
    v.minValue(0, uint32Rule),
    v.maxValue(MAX_UINT32, uint32Rule),
  );

  const keypoint = record({ x: number, y: number, score: number });
  const body_parts = v.strictObject(
    v.entriesFromList(BODY_PARTS, keypoint),
    'must have the 21 documented parts alone',
  );
  const location = record({ left: number, top: number, width: size, height: size, score: number });

  const world_point = record({ x: number, y: number, z: number });
  const landmark33 = record({ ...world_point.entries, visibility: number, presence: number });
  const mask = v.pipe(
    record({
      size: v.strictTuple([uint32, uint32], 'must have height and width alone'),
      counts: v.array(uint32, 'must be an array'),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const {
        size: [height, width],
        counts,
      } = dataset.value;
      const pixels = counts.reduce((sum, run) => sum + run, 0);
      if (pixels === height * width) return;
      const message = `must add up to ${height} × ${width} pixels, the mask's size`;
      addIssue({ message, input: pixels, path: [pathItem(dataset.value, 'counts')] });
    }),
  );
  const extras = record({
    landmarks33: v.exactOptional(listOf(LANDMARKS, landmark33)),
    world3d: v.exactOptional(listOf(LANDMARKS, world_point)),
    mask: v.exactOptional(mask),
  });

  const person = record({ body_parts, location, extras: v.exactOptional(extras) });
  const logIdRule = 'must be an unsigned 64-bit number in decimal digits';
  const result = v.pipe(
    record({
      person_num: uint32,
      person_info: v.array(person, 'must be an array'),
      log_id: v.pipe(
        v.union(
          [
            v.pipe(v.string(), v.regex(/^[0-9]{1,20}$/, logIdRule)),
            v.pipe(
              v.number(logIdRule),
              v.integer(logIdRule),
              v.minValue(0, logIdRule),
              v.maxValue(2 ** 64, logIdRule),
            ),
          ],
          logIdRule,
        ),
        v.transform(String),
      ),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { person_num, person_info } = dataset.value;
      if (person_num === person_info.length) return;
      const message = `must be ${person_info.length}, the length of person_info`;
      addIssue({ message, input: person_num, path: [pathItem(dataset.value, 'person_num')] });
    }),
  );
  return {
    result,
    /** What has a name of its own in the JSON Schema. */
    parts: { person, body_parts, keypoint, location, extras, landmark33, world_point, mask, uint32 },
  };
}

/** An object with at least these fields; an array is none, though valibot takes it for one. */
function record<const Entries extends v.ObjectEntries>(entries: Entries): v.ObjectSchema<Entries, string> {
  const message = 'must be an object';
  const schema = v.object(entries, message);
  return {
    ...schema,
    '~run'(dataset, config) {
      const { value: input } = dataset;
      if (!Array.isArray(input)) return schema['~run'](dataset, config);
      const issue = {
        kind: 'schema',
        type: 'object',
        expected: 'Object',
        received: 'Array',
        input,
        message,
      } as const;
      return { typed: false, value: input, issues: [issue] };
    },
  };
}

/** An array of so many items. */
function listOf<const Item extends v.GenericSchema>(length: number, item: Item) {
  return v.pipe(v.array(item, 'must be an array'), v.length(length, `must have ${length} items`));
}

function pathItem<Input extends Record<string, unknown>>(
  input: Input,
  key: string & keyof Input,
): v.ObjectPathItem {
  return { type: 'object', origin: 'value', input, key, value: input[key] };
}
