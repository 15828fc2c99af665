// A short stretch of one replication, played slowly: each dot is a request on its way from the
// clients through the gateway into the queue of a target and its servers, and out again in the
// colour of its outcome. Everything drawn follows from the recorded times; the clock of the picture
// is the only state.
'use strict';

class Replay {
  constructor() {
    this.canvas = element('canvas', { class: 'replay', role: 'img', 'aria-label': 'Requests moving through gateway, queues and targets' });
    this.button = element('button', { type: 'button', onclick: () => this.toggle() }, 'Play');
    this.slider = element('input', { type: 'range', min: 0, max: 1000, value: 0, 'aria-label': 'Time',
      oninput: () => { this.at = this.length * this.slider.value / 1000; this.draw(); } });
    this.label = element('span', { class: 'soft' });
    const speeds = [['0.25', 'slowly'], ['1', 'as it is'], ['4', 'fast']];
    this.speed = 1;
    this.frame = element('figure', { class: 'chart wide', 'data-chart': 'replay' },
      element('h3', {}, 'Replay'),
      element('p', { class: 'note' }, 'The moment with most requests in the system. Dots wait in queues (left of a target), are served inside it, ' +
        'and leave in the colour of their outcome; hollow dots are work that nobody waits for any more.'),
      element('div', { class: 'controls' }, this.button, this.slider,
        chooser('Speed', speeds, '1', (speed) => { this.speed = Number(speed); }), this.label), this.canvas);
    shown.listeners.push(() => this.load());
  }
  start() {
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
    this.load();
  }
  load() {
    this.stop();
    const point = page.data.points[shown.index];
    this.trace = point.trace;
    this.names = point.targets;
    this.servers = point.servers;
    this.at = 0;
    if (this.trace) {
      const requests = this.trace.requests;
      this.length = Math.max(...requests.map(([, settled]) => settled));
      // A stretch takes some twenty seconds; each way of a dot a small part of it.
      this.travel = this.length / 60;
    }
    this.frame.hidden = !this.trace;
    this.canvas.style.height = `${Math.min(440, 140 + 30 * this.names.length)}px`;
    this.draw();
  }
  toggle() {
    if (this.timer) return this.stop();
    if (this.at >= this.length) this.at = 0;
    this.button.textContent = 'Pause';
    let before = performance.now();
    const turn = (now) => {
      this.at += (now - before) / 20000 * this.length * this.speed;
      before = now;
      if (this.at >= this.length) {
        this.at = this.length;
        this.draw();
        return this.stop();
      }
      this.draw();
      this.timer = requestAnimationFrame(turn);
    };
    this.timer = requestAnimationFrame(turn);
  }
  stop() {
    if (this.timer) cancelAnimationFrame(this.timer);
    this.timer = 0;
    this.button.textContent = 'Play';
  }

  // ---- Where things are ----

  layout(width, height) {
    const rows = this.names.length;
    const narrow = width < 600;
    const top = 30;
    const step = (height - top - 10) / rows;
    return {
      client: narrow ? 16 : 46, gateway: narrow ? 74 : 190, target: width - (narrow ? 62 : 190), out: width - (narrow ? 12 : 50),
      middle: top + (height - top - 10) / 2, y: (target) => top + step * (target + 0.5), step, narrow,
      queue: width - (narrow ? 62 : 190) - (narrow ? 26 : 60), dot: Math.max(2, Math.min(4.5, step / 4)),
    };
  }

  /// Every attempt at time `at`: on its way, waiting, in service; and requests elsewhere.
  collect(at) {
    const state = { moving: [], waiting: this.names.map(() => []), serving: this.names.map(() => []), held: 0 };
    for (const [sent, settled, answer, attempts] of this.trace.requests) {
      if (sent > at) continue;
      let busy = false;
      for (const [target, picked, started, finished, concluded] of attempts) {
        if (picked > at) continue;
        const left = concluded !== null && concluded <= at || settled <= at;
        if (finished !== null && finished <= at) continue;
        busy = busy || !left;
        const attempt = { target, picked, started, left };
        (started !== null && started <= at ? state.serving : state.waiting)[target].push(attempt);
      }
      if (at < sent + this.travel && !busy) state.moving.push({ from: 'client', to: 'gateway', part: (at - sent) / this.travel, answer: null });
      else if (settled > at && !busy) state.held += 1;
      const age = at - settled;
      if (age >= 0 && age < 2 * this.travel) {
        const last = attempts.length ? attempts[attempts.length - 1][0] : -1;
        state.moving.push({ from: last, part: age / (2 * this.travel), answer });
      }
    }
    return state;
  }

  draw() {
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!width || !this.trace) return;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    const pen = this.canvas.getContext('2d');
    pen.scale(scale, scale);
    pen.font = '12px system-ui, sans-serif';
    const place = this.layout(width, height);
    const state = this.collect(this.at);
    this.drawPlaces(pen, place, state);
    this.drawTargets(pen, place, state);
    this.drawMoving(pen, place, state.moving);
    this.slider.value = String(Math.round(this.at / this.length * 1000));
    this.label.textContent = `${text.duration(this.trace.from_ns + this.at)} of the run, ${text.duration(this.at)} of ${text.duration(this.length)} shown`;
    this.frame.dataset.rendered = 'yes';
  }

  drawPlaces(pen, place, state) {
    pen.fillStyle = colour('soft');
    pen.textAlign = 'center';
    if (!place.narrow) pen.fillText('clients', place.client, 16);
    pen.fillText('gateway', place.gateway, 16);
    pen.textAlign = 'right';
    pen.fillText('queue', place.narrow ? place.queue - 6 : place.queue + 8, 16);
    pen.textAlign = 'center';
    pen.fillText('servers', place.target + 4, 16);
    pen.fillStyle = colour('idle');
    pen.beginPath();
    pen.roundRect(place.gateway - 22, place.middle - 46, 44, 92, 8);
    pen.fill();
    pen.fillStyle = colour('text');
    if (state.held) pen.fillText(`${state.held} held`, place.gateway, place.middle + 4);
  }

  drawTargets(pen, place, state) {
    const { dot } = place;
    this.names.forEach((name, target) => {
      const y = place.y(target);
      pen.strokeStyle = colour('line');
      pen.beginPath();
      pen.moveTo(place.gateway + 24, place.middle);
      pen.lineTo(place.gateway + 70, y);
      pen.lineTo(place.target - 14, y);
      pen.stroke();
      pen.strokeRect(place.target - 14, y - Math.min(place.step * 0.4, 14), place.narrow ? 30 : 44, Math.min(place.step * 0.8, 28));
      if (!place.narrow && place.step > 11) {
        pen.fillStyle = colour('soft');
        pen.textAlign = 'left';
        pen.fillText(name.length > 18 ? name.slice(0, 17) + '…' : name, place.target + 36, y + 4);
      }
      state.serving[target].slice(0, 8).forEach((attempt, i) => this.dot(pen, place.target - 6 + i * dot * 2.2, y, dot, attempt.left));
      const room = Math.floor((place.queue - place.gateway - 90) / (dot * 2.2));
      const waiting = state.waiting[target];
      waiting.slice(0, room).forEach((attempt, i) => this.dot(pen, place.queue + 6 - i * dot * 2.2, y, dot, attempt.left));
      if (waiting.length) {
        pen.fillStyle = colour('soft');
        pen.textAlign = 'left';
        pen.fillText(String(waiting.length), place.queue + 14, y - 5);
      }
    });
  }

  dot(pen, x, y, radius, left) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.fillStyle = pen.strokeStyle = colour('c0');
    if (left) pen.stroke();
    else pen.fill();
  }

  drawMoving(pen, place, moving) {
    const colours = outcomeColours();
    for (const { from, part, answer } of moving) {
      const arriving = from === 'client';
      const x0 = arriving ? place.client : from >= 0 ? place.target + 8 : place.gateway;
      const y0 = from >= 0 ? place.y(from) : place.middle;
      const x1 = arriving ? place.gateway - 22 : from >= 0 ? place.out : place.client;
      const y1 = arriving || from >= 0 ? y0 : place.middle + 70;
      pen.globalAlpha = arriving ? 1 : 1 - part * 0.7;
      pen.fillStyle = arriving ? colour('c0') : colours[answer];
      pen.beginPath();
      pen.arc(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, place.dot, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }
}

const makeReplay = () => recorded.some(({ point }) => point.trace) ? new Replay() : null;
