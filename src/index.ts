/**
 * body21: every person in a picture, 21 keypoints each, in the browser.
 */
export { BodyAnalysisClient } from './client/client.ts';
export type { AnalysisOptions } from './client/client.ts';
export type { BodyAnalysisClientOptions } from './client/options.ts';
export type { ImageSource } from './source/source.ts';
export { BODY_PARTS, SKELETON } from './schema/body-parts.ts';
export type { BodyPart } from './schema/body-parts.ts';
export type { BodyAnalysisResult, Keypoint, PersonInfo, PersonLocation } from './schema/result.ts';
export { BodyAnalysisError, ERROR_CODES } from './schema/errors.ts';
export type { BodyAnalysisErrorCode } from './schema/errors.ts';
export { LIMITS } from './schema/limits.ts';
export { LANDMARK_MODELS } from './schema/loading.ts';
export type { BackendInfo, BackendName, LandmarkModel, LoadProgress } from './schema/loading.ts';
export { DEFAULT_VALIDITY, filterValidPersons, isValidPerson } from './schema/validity.ts';
export type { ValidityThresholds } from './schema/validity.ts';
export { PERSON_COLORS, drawPersons, personColor } from './draw/canvas.ts';
export type { DrawOptions } from './draw/canvas.ts';
