/**
 * Skeletons on a canvas, over a video, and as SVG. No worker: what draws a stored answer needs nothing else.
 */
export { drawPersons } from './canvas.ts';
export { SkeletonOverlay } from './overlay.ts';
export type { OverlayOptions } from './overlay.ts';
export { PERSON_COLORS, personColor, personColors, SIDE_COLORS } from './colors.ts';
export type { DrawOptions, BodySide, PartNote } from './style.ts';
export { toSvg } from './svg.ts';
export type { SvgPicture } from './svg.ts';
