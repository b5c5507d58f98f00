import { SIDE_COLORS } from 'body21';
import type { WorldPoint } from 'body21';
import { byId, create } from '../dom.ts';
import {
  BONES,
  fieldsOf,
  figureOf,
  FIRST_TURN,
  floor,
  HEAD,
  HEAD_RADIUS,
  JOINTS,
  seen,
  turned,
  withHead,
} from './turning.ts';
import type { Field, Figure, SeenPoint, Turn } from './turning.ts';

/** As the style sheet has it. */
const BACKGROUND = '#10181a';
/** How far an arrow key turns, in radians. */
const STEP = Math.PI / 18;
/** Radians for each pixel of CSS that a pointer moves. */
const DRAG = 0.01;

/** Someone as a figure. */
export interface Solid {
  /** Their 33 points. */
  readonly points: readonly WorldPoint[];
  /** What they are seen in the middle of. Default: where they are. */
  readonly figure?: Figure;
  /** Written above them, on a colour. */
  readonly label?: { readonly text: string; readonly color: string };
}

/** People as figures that are turned by pointer and arrow keys, all of them alike. */
export class SolidView {
  readonly #canvas = byId('solid-canvas', HTMLCanvasElement);
  readonly #reset = byId('solid-reset', HTMLButtonElement);
  readonly #slim: number;
  #shown: readonly Solid[] = [];
  #turn = FIRST_TURN;
  #isScheduled = false;

  /** @param slim how wide people are taken to be, as a share of their height; 1 has room for every pose */
  constructor(slim = 1) {
    this.#slim = slim;
  }

  connect(): void {
    const canvas = this.#canvas;
    canvas.addEventListener('pointerdown', ({ pointerId }) => canvas.setPointerCapture(pointerId));
    canvas.addEventListener('pointermove', (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      this.#turnBy({ yaw: -event.movementX * DRAG, pitch: event.movementY * DRAG });
    });
    canvas.addEventListener('keydown', (event) => {
      const turns: Record<string, Turn> = {
        ArrowLeft: { yaw: STEP, pitch: 0 },
        ArrowRight: { yaw: -STEP, pitch: 0 },
        ArrowUp: { yaw: 0, pitch: -STEP },
        ArrowDown: { yaw: 0, pitch: STEP },
      };
      const turn = turns[event.key];
      if (turn) this.#turnBy(turn);
      else if (event.key === '0') this.#startOver();
      else return;
      event.preventDefault();
    });
    canvas.addEventListener('dblclick', () => this.#startOver());
    this.#reset.addEventListener('click', () => this.#startOver());
    new ResizeObserver(() => this.#schedule()).observe(canvas);
  }

  /** Shows others; how the last ones were turned stays. */
  show(shown: readonly Solid[]): void {
    this.#shown = shown;
    this.#schedule();
  }

  /** What it shows as a picture of its own. */
  toCanvas(): HTMLCanvasElement {
    const { width, height } = this.#canvas;
    const picture = create('canvas', { width, height });
    const context = picture.getContext('2d');
    if (!context) throw new Error('The browser has no room for a picture of this size');
    context.fillStyle = BACKGROUND;
    context.fillRect(0, 0, width, height);
    context.drawImage(this.#canvas, 0, 0);
    return picture;
  }

  #turnBy(by: Turn): void {
    this.#turn = turned(this.#turn, by);
    this.#schedule();
  }

  #startOver(): void {
    this.#turn = FIRST_TURN;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    context.lineCap = context.lineJoin = 'round';
    for (const [at, field] of fieldsOf(this.#shown.length, width, height, this.#slim).entries()) {
      const solid = this.#shown[at];
      if (!solid) continue;
      context.save();
      context.translate(field.left, field.top);
      drawSolid(context, solid, this.#turn, field);
      context.restore();
    }
  }
}

function drawSolid(context: CanvasRenderingContext2D, solid: Solid, turn: Turn, field: Field): void {
  const points = withHead(solid.points);
  const figure = solid.figure ?? figureOf(points);
  const see = (some: readonly WorldPoint[]) => seen(some, figure, turn, field);
  context.strokeStyle = 'rgb(255 255 255 / 22%)';
  context.lineWidth = 1;
  for (const ring of floor(points, figure)) {
    context.beginPath();
    for (const { x, y } of see(ring)) context.lineTo(x, y);
    context.stroke();
  }
  const places = see(points);
  drawFigure(context, places, Math.min(field.width, field.height) / 90);
  const head = places[HEAD];
  if (solid.label && head)
    drawLabel(context, solid.label, head.x, head.y - 1.6 * HEAD_RADIUS * head.pixels - LABEL);
}

/** In pixels of CSS, half as high as it is. */
const LABEL = 11;

function drawLabel(
  context: CanvasRenderingContext2D,
  { text, color }: NonNullable<Solid['label']>,
  x: number,
  y: number,
): void {
  context.font = `700 14px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const width = Math.max(2 * LABEL, context.measureText(text).width + 14);
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(x - width / 2, y - LABEL, width, 2 * LABEL, LABEL);
  context.fill();
  context.fillStyle = '#000';
  context.fillText(text, x, y + 1);
}

/** What is further away is drawn first, thinner and darker. */
function drawFigure(
  context: CanvasRenderingContext2D,
  points: readonly SeenPoint[],
  lineWidth: number,
): void {
  const bones = BONES.flatMap(([from, to, side]) => {
    const [a, b] = [points[from], points[to]];
    if (!a || !b) return [];
    const isFine = !JOINTS.includes(from) || !JOINTS.includes(to);
    return [{ a, b, scale: (a.scale + b.scale) / 2, color: SIDE_COLORS[side], isFine }];
  }).toSorted((one, other) => one.scale - other.scale);
  for (const { a, b, scale, color, isFine } of bones) {
    const width = lineWidth * scale * (isFine ? 0.5 : 1);
    const fog = Math.min(1, Math.max(0.4, scale - 0.25));
    for (const [style, extra, alpha] of [
      [BACKGROUND, 3, 1],
      [color, 0, fog],
    ] as const) {
      context.strokeStyle = style;
      context.globalAlpha = alpha;
      context.lineWidth = width + extra;
      context.beginPath();
      context.moveTo(a.x, a.y);
      context.lineTo(b.x, b.y);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  const head = points[HEAD];
  if (head) {
    context.beginPath();
    context.arc(head.x, head.y, HEAD_RADIUS * head.pixels, 0, 2 * Math.PI);
    context.strokeStyle = SIDE_COLORS.middle;
    context.lineWidth = lineWidth * 0.5;
    context.stroke();
  }
  context.fillStyle = '#fff';
  for (const joint of JOINTS) {
    const point = points[joint];
    if (!point) continue;
    context.beginPath();
    context.arc(point.x, point.y, 0.6 * lineWidth * point.scale, 0, 2 * Math.PI);
    context.fill();
  }
}
