import type { AnalysisDebug, DebugCorners, DebugRegion } from 'body21';
import { LINES, RIM } from './explanation-lines.ts';
import type { LineKind } from './explanation-lines.ts';
import { outcomeOf } from './explanation-words.ts';

interface Size {
  width: number;
  height: number;
}

/** What has to do with others than the highlighted person. */
const FAINT = 0.2;

/**
 * Draws where the networks looked, in the picture's coordinates.
 * @param bone width of a skeleton's line, in the picture's pixels
 * @param highlight index in the unfiltered `person_info`: what became of it stands out
 * @param hidden lines that are left out
 */
export function drawExplanation(
  context: CanvasRenderingContext2D,
  { squares, regions }: AnalysisDebug,
  picture: Size,
  bone: number,
  highlight: number | undefined,
  hidden: readonly LineKind[] = [],
): void {
  context.save();
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const { corners } of hidden.includes('square') ? [] : squares) {
    context.globalAlpha = highlight === undefined ? 1 : FAINT;
    outline(context, within(corners, picture, bone / 2), 'square', bone);
  }
  const shown = regions.filter((region) => !hidden.includes(outcomeOf(region).line));
  for (const region of shown.toSorted((a, b) => rank(a, highlight) - rank(b, highlight))) {
    context.globalAlpha = highlight === undefined || region.person === highlight ? 1 : FAINT;
    outline(context, region.corners, outcomeOf(region).line, bone);
  }
  context.restore();
}

const DRAWN: readonly LineKind[] = ['square', 'dropped', 'again', 'closer', 'person'];

/**
 * How much smaller a picture in the middle of the stage must be for the regions that became
 * people to be in view around it. Someone who fills the picture has one far larger; the
 * picture then stays large enough to be seen.
 */
export function fitFor({ regions }: AnalysisDebug, picture: Size, stage: Size): number {
  const corners = regions.filter(({ outcome }) => outcome === 'person').flatMap((region) => region.corners);
  const x = Math.max(picture.width / 2, ...corners.map((corner) => Math.abs(corner[0] - picture.width / 2)));
  const y = Math.max(
    picture.height / 2,
    ...corners.map((corner) => Math.abs(corner[1] - picture.height / 2)),
  );
  const around = Math.min(stage.width / (2 * x), stage.height / (2 * y));
  const alone = Math.min(stage.width / picture.width, stage.height / picture.height);
  return Math.max(0.5, (0.95 * around) / alone);
}

/** What matters most is drawn last. */
function rank(region: DebugRegion, highlight: number | undefined): number {
  const isOthers = highlight !== undefined && region.person !== highlight;
  return DRAWN.indexOf(outcomeOf(region).line) - (isOthers ? 10 : 0);
}

function outline(
  context: CanvasRenderingContext2D,
  corners: Iterable<readonly [number, number]>,
  kind: LineKind,
  bone: number,
): void {
  const { color, width, dash } = LINES[kind];
  context.beginPath();
  for (const [x, y] of corners) context.lineTo(x, y);
  context.closePath();
  context.setLineDash(dash.map((length) => length * bone));
  context.lineWidth = (width + RIM.width) * bone;
  context.strokeStyle = RIM.color;
  context.stroke();
  context.lineWidth = width * bone;
  context.strokeStyle = color;
  context.stroke();
}

/**
 * The part of an upright square that the picture has: one around the
 * whole picture would have sides far from it.
 */
function within(corners: DebugCorners, { width, height }: Size, margin: number): [number, number][] {
  return corners.map(([x, y]) => [
    Math.min(Math.max(x, margin), width - margin),
    Math.min(Math.max(y, margin), height - margin),
  ]);
}
