/*
 * What the public types promise, and what must not compile. Looked at by
 * `npm run typecheck`; nothing of it runs.
 */
import type { InferOutput } from 'valibot';
import { expectTypeOf } from 'vitest';
import {
  AIP_ERRORS,
  BODY_PARTS,
  BodyAnalysisClient,
  COCO_KEYPOINTS,
  DEFAULT_LIMITS,
  DEFAULT_SMOOTHING,
  DEFAULT_VALIDITY,
  ERROR_CODES,
  EXTRAS,
  filterValidPersons,
  isSupported,
  LANDMARK_MODELS,
  PERSON_COLORS,
  QUALITIES,
  SIDE_COLORS,
  SKELETON,
  toCocoKeypoints,
  toSvg,
} from '../../src/index.ts';
import type {
  AnalysisDebug,
  BodyAnalysisResult,
  BodyPart,
  ExplainedResult,
  ImageSource,
  KeptVideoFrame,
  Keypoint,
  Landmark33,
  PersonExtras,
  PersonInfo,
  PersonLocation,
  PersonMask,
  PictureRegion,
  TrackedPerson,
  TrackedResult,
  TrackedVideoFrame,
  WorldPoint,
} from '../../src/index.ts';
import type { defineResult } from '../../src/schema/definition.ts';

declare const client: BodyAnalysisClient;
declare const photo: File;
declare const video: HTMLVideoElement;
declare const flag: boolean;

// The types are those of the definition that JSON is read by.
type Parts = ReturnType<typeof defineResult>['parts'];
type Read = InferOutput<ReturnType<typeof defineResult>['result']>;
expectTypeOf<Read>().toEqualTypeOf<Omit<BodyAnalysisResult, 'debug'>>();
expectTypeOf<InferOutput<Parts['person']>>().toEqualTypeOf<PersonInfo>();
expectTypeOf<InferOutput<Parts['body_parts']>>().toEqualTypeOf<Record<BodyPart, Keypoint>>();
expectTypeOf<InferOutput<Parts['keypoint']>>().toEqualTypeOf<Keypoint>();
expectTypeOf<InferOutput<Parts['location']>>().toEqualTypeOf<PersonLocation>();
expectTypeOf<InferOutput<Parts['extras']>>().toEqualTypeOf<PersonExtras>();
expectTypeOf<InferOutput<Parts['landmark33']>>().toEqualTypeOf<Landmark33>();
expectTypeOf<InferOutput<Parts['world_point']>>().toEqualTypeOf<WorldPoint>();
expectTypeOf<InferOutput<Parts['mask']>>().toEqualTypeOf<PersonMask>();

// `debug: true` gives an answer that has it; what is not known does not.
expectTypeOf(client.bodyAnalysis(photo, { debug: true })).resolves.toEqualTypeOf<ExplainedResult>();
expectTypeOf<ExplainedResult['debug']>().toEqualTypeOf<AnalysisDebug>();
expectTypeOf(client.bodyAnalysis(photo)).resolves.toEqualTypeOf<BodyAnalysisResult>();
expectTypeOf(client.bodyAnalysis(photo, { debug: flag })).resolves.toEqualTypeOf<BodyAnalysisResult>();
expectTypeOf(
  client.bodyAnalysis(photo, { quality: 'best', extras: ['mask'] }),
).resolves.toExtend<BodyAnalysisResult>();
// People are told before all are known.
void client.bodyAnalysis(photo, {
  maxPersons: 3,
  onPerson: (found) => expectTypeOf(found).toEqualTypeOf<{ number: number; person: PersonInfo }>(),
});

// What is looked at is a rectangle, by the names of `location`, or a person of any answer.
declare const person: PersonInfo;
declare const trackedPerson: TrackedPerson;
expectTypeOf<PersonInfo | TrackedPerson | PersonLocation>().toExtend<PictureRegion>();
for (const region of [{ left: 0, top: 0, width: 1, height: 1 }, person.location, person, trackedPerson]) {
  void client.bodyAnalysis(photo, { region });
  client.track(video, { region });
}
// @ts-expect-error a rectangle has a height
void client.bodyAnalysis(photo, { region: { left: 0, top: 0, width: 1 } });
// @ts-expect-error a rectangle has no right side
void client.bodyAnalysis(photo, { region: { left: 0, top: 0, width: 1, height: 1, right: 1 } });
// @ts-expect-error a person's parts tell how they lie
void client.bodyAnalysis(photo, { region: { location: person.location } });
// @ts-expect-error it may be there
void client.bodyAnalysis(photo).then(({ debug }) => debug.stages);
// @ts-expect-error there is no such quality
void client.bodyAnalysis(photo, { quality: 'great' });
// @ts-expect-error a misspelt option is told of, with `debug` too
void client.bodyAnalysis(photo, { debug: true, exras: ['mask'] });
// @ts-expect-error a number is no source
void client.bodyAnalysis(1);

// `keepFrame: true` gives frames.
expectTypeOf(client.track(video, { keepFrame: true })).toEqualTypeOf<
  AsyncGenerator<KeptVideoFrame, void, undefined>
>();
expectTypeOf<KeptVideoFrame['frame']>().toEqualTypeOf<VideoFrame>();
expectTypeOf(client.track(video)).toEqualTypeOf<AsyncGenerator<TrackedVideoFrame, void, undefined>>();
expectTypeOf(client.track(video, { keepFrame: flag })).toEqualTypeOf<
  AsyncGenerator<TrackedVideoFrame, void, undefined>
>();
expectTypeOf<TrackedVideoFrame['frame']>().toEqualTypeOf<VideoFrame | undefined>();
// @ts-expect-error there is no such extra
client.track(video, { extras: ['masks'] });
// @ts-expect-error a photo is no video
client.track(photo);

// The filter and the exports keep what they are given.
declare const tracked: TrackedResult;
declare const explained: ExplainedResult;
expectTypeOf(filterValidPersons(tracked)).toEqualTypeOf<TrackedResult>();
expectTypeOf(filterValidPersons(tracked).person_info).items.toEqualTypeOf<TrackedPerson>();
expectTypeOf(filterValidPersons(explained).debug).toEqualTypeOf<AnalysisDebug>();
declare const masked: BodyAnalysisResult & { person_info: (PersonInfo & { extras: { mask: PersonMask } })[] };
expectTypeOf(filterValidPersons(masked).person_info).items.toExtend<{ extras: { mask: PersonMask } }>();
// @ts-expect-error there is no such threshold
filterValidPersons(tracked, { minKeypoints: 3 });
expectTypeOf(toCocoKeypoints([{ image_id: photo.size, result: tracked }])).items.toExtend<{
  image_id: number;
}>();
expectTypeOf(toCocoKeypoints([{ image_id: photo.name, result: tracked }])).items.toExtend<{
  image_id: string;
}>();

// What is supported is known once it was asked whether.
const support = await isSupported({ backend: 'auto' });
if (support.supported) expectTypeOf(support.threads).toBeNumber();
else expectTypeOf(support.reason).toBeString();
// @ts-expect-error where it is not, there is no backend
expectTypeOf(support.backend).toBeString();

// No constant can be written to.
// @ts-expect-error of a fixed length
BODY_PARTS.push('nose');
// @ts-expect-error read-only
COCO_KEYPOINTS[0] = 'nose';
// @ts-expect-error read-only
SKELETON[0] = ['nose', 'neck'];
// @ts-expect-error read-only
SKELETON[0][0] = 'nose';
// @ts-expect-error read-only
EXTRAS[0] = 'mask';
// @ts-expect-error read-only
QUALITIES[0] = 'fast';
// @ts-expect-error read-only
LANDMARK_MODELS[0] = 'lite';
// @ts-expect-error read-only
PERSON_COLORS[0] = 'red';
// @ts-expect-error read-only
SIDE_COLORS.left = 'red';
// @ts-expect-error read-only
DEFAULT_LIMITS.minSide = 1;
// @ts-expect-error read-only
DEFAULT_SMOOTHING.beta = 1;
// @ts-expect-error read-only
DEFAULT_VALIDITY.boxScore = 1;
// @ts-expect-error read-only
AIP_ERRORS[216100] = 'invalid param';
// @ts-expect-error read-only
ERROR_CODES.internal = 282000;

// Options that may be unset are taken, as a strict app has them.
declare const unset: {
  signal?: AbortSignal | undefined;
  quality?: 'fast' | undefined;
  title?: string | undefined;
};
declare const answer: BodyAnalysisResult;
void BodyAnalysisClient.create({ signal: unset.signal, quality: unset.quality });
void client.bodyAnalysis(photo, { signal: unset.signal, quality: unset.quality });
toSvg(answer, { width: 10, height: 10, title: unset.title, description: unset.title });
// @ts-expect-error there is no such model
void BodyAnalysisClient.create({ model: 'huge' });
// @ts-expect-error a client is made by `create`
export const made = new BodyAnalysisClient();
expectTypeOf(photo).toExtend<ImageSource>();
