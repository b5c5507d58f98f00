/** What an answer tells of a body: angles, likeness, distances, repetitions. No worker, no DOM. */
export { HoldTimer } from './holds.ts';
export type { HoldOptions, HoldState } from './holds.ts';
export { angleOf, JOINT_ANGLES, jointAngles } from './joint-angles.ts';
export type { JointAngle, JointAngleName } from './joint-angles.ts';
export { bodyLength, distanceBetween, hipHeight } from './lengths.ts';
export type { MeasurablePerson, Measure, MeasureOptions } from './person.ts';
export { normalisePose, poseSimilarity } from './pose.ts';
export type { NormalisedPose, SimilarityOptions } from './pose.ts';
export { RepCounter, SQUATS } from './repetitions.ts';
export type { RepOptions, RepState } from './repetitions.ts';
