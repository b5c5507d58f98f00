import { SIDE_COLORS } from 'body21';
import type { WorldPoint } from 'body21';
import { byId } from '../dom.ts';
import {
  BONES,
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
import type { SeenPoint, Turn } from './turning.ts';

/** How far an arrow key turns, in radians. */
const STEP = Math.PI / 18;
/** Radians for each pixel of CSS that a pointer moves. */
const DRAG = 0.01;

/** One person as a figure that is turned by pointer and arrow keys. */
export class SolidView {
  readonly #canvas = byId('solid-canvas', HTMLCanvasElement);
  readonly #reset = byId('solid-reset', HTMLButtonElement);
  /** As they were given. */
  #shown: readonly WorldPoint[] = [];
  #points: readonly WorldPoint[] = [];
  #turn = FIRST_TURN;
  #isScheduled = false;

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

  /** Shows someone's 33 points; how the last one was turned stays. */
  show(points: readonly WorldPoint[]): void {
    if (points === this.#shown) return;
    this.#shown = points;
    this.#points = withHead(points);
    this.#schedule();
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
    if (!context || this.#points.length === 0) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    context.lineCap = context.lineJoin = 'round';
    const figure = figureOf(this.#points);
    const see = (points: readonly WorldPoint[]) => seen(points, figure, this.#turn, { width, height });
    context.strokeStyle = 'rgb(255 255 255 / 22%)';
    context.lineWidth = 1;
    for (const ring of floor(this.#points, figure)) {
      context.beginPath();
      for (const { x, y } of see(ring)) context.lineTo(x, y);
      context.stroke();
    }
    drawFigure(context, see(this.#points), Math.min(width, height) / 90);
  }
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
      ['#10181a', 3, 1],
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
