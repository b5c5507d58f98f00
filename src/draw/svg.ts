import { BODY_PARTS } from '../schema/body-parts.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import type { BodyAnalysisResult, PersonInfo } from '../schema/result.ts';
import { place } from './colors.ts';
import { PILL_BASELINE, RIM } from './marks.ts';
import type { Mark } from './marks.ts';
import { planPersons } from './plan.ts';
import { DEFAULT_KEYPOINT_SCORE } from './style.ts';
import type { DrawOptions } from './style.ts';

/** The picture that an SVG lies over. */
export interface SvgPicture {
  /** Pixels of the picture that was analysed, over 0. */
  width: number;
  /** Pixels of the picture that was analysed, over 0. */
  height: number;
  /** What the drawing is, for people who hear it. Default: the number of people. */
  title?: string | undefined;
  /** What is on it, for people who hear it. Default: each person's score and number of sure keypoints. */
  description?: string | undefined;
}

/**
 * Boxes, skeletons and numbers as an SVG file that stands alone, transparent where nothing is drawn: lay it
 * over the picture, or save it. It looks as {@link drawPersons} draws. All text and colours are escaped.
 * @param result whom to draw; often what `filterValidPersons` leaves
 * @param picture its width and height in pixels, and what to tell people who hear it
 * @param style colours, line width, labels and what is drawn
 * @throws BodyAnalysisError `invalid-option` where width or height is no number over 0
 */
export function toSvg(result: BodyAnalysisResult, picture: SvgPicture, style: DrawOptions = {}): string {
  const { width, height } = picture;
  for (const [name, value] of Object.entries({ width, height })) {
    if (!(value > 0 && Number.isFinite(value))) {
      throw new BodyAnalysisError('invalid-option', `${name} must be a number over 0, not ${value}.`);
    }
  }
  const count = result.person_info.length;
  const title = picture.title ?? `Body keypoints of ${count} ${count === 1 ? 'person' : 'people'}`;
  const describe = (person: PersonInfo, index: number) => personTitle(person, index, style);
  const description = picture.description ?? result.person_info.map(describe).join(' ');
  const surface = { pixel: 1, side: Math.max(width, height), left: 0, top: 0, right: width, bottom: height };
  const { persons, names } = planPersons(result, style, surface);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<desc>${escape(description)}</desc>`,
    '<g fill="none" stroke-linecap="round" stroke-linejoin="round">',
    ...persons.map(({ person, index, marks }) => {
      return `<g><title>${escape(describe(person, index))}</title>${marks.map(element).join('')}</g>`;
    }),
    ...names.map(element),
    '</g>',
    '</svg>',
  ].join('\n');
}

const FONT = ' font-family="system-ui, sans-serif" font-weight="600"';

function personTitle(person: PersonInfo, index: number, style: DrawOptions): string {
  const { body_parts, location } = person;
  const minScore = style.keypointScore ?? DEFAULT_KEYPOINT_SCORE;
  const sure = BODY_PARTS.filter((part) => body_parts[part].score >= minScore).length;
  return `Person ${place(person, index) + 1}: score ${location.score.toFixed(2)}, ${sure} of ${BODY_PARTS.length} keypoints sure.`;
}

function element(mark: Mark): string {
  switch (mark.kind) {
    case 'rectangle': {
      const { left, top, width, height, radius } = mark;
      const corners: Record<string, number> = radius > 0 ? { rx: radius } : {};
      return `<rect${attributes({ x: left, y: top, width, height, ...corners })}${stroke(mark)}/>`;
    }
    case 'lines': {
      const d = mark.lines.map((line) => {
        const [x1, y1, x2, y2] = line.map(round);
        return `M${x1} ${y1}L${x2} ${y2}`;
      });
      const dash: Record<string, string> =
        mark.dash.length > 0 ? { 'stroke-dasharray': mark.dash.map(round).join(' ') } : {};
      return `<path${attributes({ d: d.join(''), ...dash })}${stroke(mark)}/>`;
    }
    case 'ring':
      return `<circle${attributes({ cx: mark.x, cy: mark.y, r: mark.radius })}${stroke(mark)}/>`;
    case 'disc':
      return `<circle${attributes({ cx: mark.x, cy: mark.y, r: mark.radius, fill: mark.color, 'fill-opacity': mark.opacity })}/>`;
    case 'text': {
      const { x, y, size, color, opacity, lineWidth, text } = mark;
      const rim = stroke({ color: RIM.color, opacity: opacity * RIM.opacity, lineWidth });
      const fill = attributes({ x, y, fill: color, 'fill-opacity': opacity, 'font-size': size });
      return `<text${fill}${rim} paint-order="stroke"${FONT}>${escape(text)}</text>`;
    }
    case 'pill': {
      const { x, y, width, height, size, color, opacity, text, textColor } = mark;
      const field = { x: x - width / 2, y: y - height / 2, width, height, rx: height / 2 };
      const ink = {
        x,
        y: y + PILL_BASELINE * size,
        fill: textColor,
        'fill-opacity': opacity,
        'font-size': size,
      };
      return `<rect${attributes({ ...field, fill: color, 'fill-opacity': opacity })}/><text${attributes(ink)} text-anchor="middle"${FONT}>${escape(text)}</text>`;
    }
  }
}

function stroke({
  color,
  opacity,
  lineWidth,
}: {
  color: string;
  opacity: number;
  lineWidth: number;
}): string {
  return attributes({ stroke: color, 'stroke-opacity': opacity, 'stroke-width': lineWidth });
}

function attributes(values: Record<string, number | string>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? round(value) : escape(value)}"`)
    .join('');
}

/** Hundredths of a pixel are finer than any screen. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for XML, without the characters that XML 1.0 cannot hold even escaped. */
function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
