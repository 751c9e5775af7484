// The globe: a few draw calls for everything, a camera around the Earth, picking on the screen.

import { geoEquirectangular, geoGraticule10, geoPath } from "d3-geo";
import * as THREE from "three";
import { LineMaterial } from "three/examples/jsm/lines/LineMaterial.js";
import { LineSegments2 } from "three/examples/jsm/lines/LineSegments2.js";
import { LineSegmentsGeometry } from "three/examples/jsm/lines/LineSegmentsGeometry.js";
import { feature, mesh } from "topojson-client";
import world from "world-atlas/countries-50m.json";
import type { Motion, Scene, Slot } from "./api";

const EARTH_KM = 6371; // unit of the scene; the height of bodies is to this scale
const LIFT = 1.0006; // lines on the ground run this far above it
const STEP = Math.PI / 60; // of a line along the ground
const MOST_LABELS = 60;
const PICK_PX = 14;

export type Layer = "fibre" | "haps" | "satellites" | "links" | "serving" | "tracks" | "footprints" | "night" | "labels";
export type Scale = "load" | "rate" | "fidelity";
export type Pick = { kind: "body"; id: string } | { kind: "link"; number: number };
export interface View { lat: number; lon: number; distance: number }

// Cividis: even in lightness and alike for all kinds of colour vision.
const CIVIDIS = ["#00336f", "#39486b", "#575d6d", "#707173", "#8a8678", "#a69d75", "#c4b56c", "#e4cf5b", "#ffea46"];
const CIVIDIS_COLOURS = CIVIDIS.map((hex) => new THREE.Color(hex));

export function cividis(share: number): THREE.Color {
  const at = Math.min(Math.max(share, 0), 1) * (CIVIDIS_COLOURS.length - 1);
  const low = Math.min(Math.floor(at), CIVIDIS_COLOURS.length - 2);
  return CIVIDIS_COLOURS[low].clone().lerp(CIVIDIS_COLOURS[low + 1], at - low);
}

interface Palette { sea: string; land: string; border: string; grid: string; sky: string; text: string; line: string }
const PALETTES: Record<"light" | "dark", Palette> = {
  light: { sea: "#d5e3ec", land: "#f4f2ea", border: "#a9b1b4", grid: "#c2d2dc", sky: "#f6f8f9", text: "#1d2329", line: "#5b6670" },
  dark: { sea: "#12222e", land: "#2a3a42", border: "#566972", grid: "#1d313e", sky: "#0b1117", text: "#e8edf0", line: "#9fb0ba" },
};
const KIND = { base_station: new THREE.Color("#0072b2"), aerial: new THREE.Color("#009e73"), satellite: new THREE.Color("#e69f00") };

export class Globe {
  readonly canvas: HTMLCanvasElement;
  private readonly labels: HTMLElement;
  private readonly renderer: THREE.WebGLRenderer;
  private readonly scene = new THREE.Scene();
  private readonly camera = new THREE.PerspectiveCamera(35, 1, 0.001, 60);
  private readonly earth: THREE.Mesh<THREE.SphereGeometry, THREE.ShaderMaterial>;
  private coast: THREE.LineSegments;
  private model = new THREE.Group();
  private view: View = { lat: 30, lon: 0, distance: 4 };
  home: View = { ...this.view };
  private flight: { from: View; to: View; begin: number } | null = null;
  private theme: "light" | "dark" = "light";
  private data: Scene | null = null;
  private slot: Slot | null = null;
  private slotNumber = 0;
  private seconds = 0;
  private place: Float32Array = new Float32Array();
  private index = new Map<string, number>();
  private moving = new Map<number, Float32Array>();
  private step = 1;
  private points: THREE.Points | null = null;
  private dirty = true;
  private tags = new Map<string, HTMLElement>();
  layers = new Set<Layer>(["fibre", "haps", "satellites", "links", "serving", "night", "labels"]);
  scale: Scale = "load";
  selected: Pick | null = null;
  demand: string | null = null;
  difference: Map<string, number> | null = null;
  onpick: (pick: Pick | null) => void = () => {};
  onmoved: (id: string, lat: number, lon: number) => void = () => {};
  onground: ((lat: number, lon: number) => void) | null = null;
  onview: () => void = () => {};
  movable = false;

  constructor(parent: HTMLElement) {
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", "Globe. Arrow keys turn it, plus and minus zoom, 0 shows everything.");
    this.labels = document.createElement("div");
    this.labels.className = "labels";
    this.labels.setAttribute("aria-hidden", "true");
    parent.append(this.canvas, this.labels);
    this.renderer = new THREE.WebGLRenderer({ canvas: this.canvas, antialias: true, preserveDrawingBuffer: true });
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2)); // weak machines
    this.earth = new THREE.Mesh(new THREE.SphereGeometry(0.9995, 128, 64), earthMaterial());
    this.earth.rotation.y = 0;
    this.coast = new THREE.LineSegments(coastGeometry(), new THREE.LineBasicMaterial({ color: "#888" }));
    this.scene.add(this.earth, this.coast, this.model);
    this.setTheme("light");
    this.listen();
    new ResizeObserver(() => this.resize()).observe(parent);
    this.resize();
    const frame = (now: number) => {
      if (this.flight) this.fly(now);
      if (this.dirty) this.draw();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  // ------------------------------------------------------------------------------------------ what is shown

  setTheme(theme: "light" | "dark"): void {
    this.theme = theme;
    const palette = PALETTES[theme];
    const old = this.earth.material.uniforms.map.value as THREE.Texture | null;
    old?.dispose();
    this.earth.material.uniforms.map.value = earthTexture(palette);
    this.earth.material.uniforms.dim.value = theme === "light" ? 0.8 : 0.55;
    (this.coast.material as THREE.LineBasicMaterial).color.set(palette.border);
    this.scene.background = new THREE.Color(palette.sky);
    this.refresh();
  }

  setScene(data: Scene, motion: Motion): void {
    this.data = data;
    this.index = new Map(data.bodies.map((body, n) => [body.id, n]));
    this.place = new Float32Array(3 * data.bodies.length);
    data.bodies.forEach((body, n) => this.put(n, unit(body.lat_deg, body.lon_deg), 1 + body.altitude_km / EARTH_KM));
    const bytes = Uint8Array.from(atob(motion.xyz_km), (sign) => sign.charCodeAt(0));
    const all = new Float32Array(bytes.buffer);
    this.moving.clear();
    motion.ids.forEach((id, n) => {
      this.moving.set(this.index.get(id)!, all.subarray(3 * n * motion.samples, 3 * (n + 1) * motion.samples));
    });
    this.step = motion.step_s;
    this.slot = null;
    this.tags.forEach((tag) => tag.remove());
    this.tags.clear();
    this.home = this.around();
    this.refresh();
  }

  clear(): void {
    this.data = null;
    this.tags.forEach((tag) => tag.remove());
    this.tags.clear();
    this.refresh();
  }

  setTime(seconds: number): void {
    this.seconds = seconds;
    for (const [n, samples] of this.moving) this.between(n, samples, seconds / this.step);
    this.refresh();
  }

  setSlot(number: number, slot: Slot): void {
    this.slotNumber = number;
    this.slot = slot;
    this.refresh();
  }

  refresh(): void {
    this.rebuild();
    this.dirty = true;
  }

  // ------------------------------------------------------------------------------------------ the camera

  get camera_view(): View { return { ...this.view }; }

  setView(view: View): void {
    this.flight = null;
    this.view = clampView(view);
    this.dirty = true;
  }

  reset(): void { this.flyTo(this.home); }

  flyTo(to: View): void {
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.setView(to);
      this.onview();
      return;
    }
    const near = ((to.lon - this.view.lon + 540) % 360) - 180;
    this.flight = { from: { ...this.view }, to: { ...clampView(to), lon: this.view.lon + near }, begin: performance.now() };
  }

  flyToBody(id: string): void {
    const n = this.index.get(id);
    if (n === undefined || !this.data) return;
    const [lat, lon] = latLon(this.at(n));
    const high = this.at(n).length() - 1;
    this.flyTo({ lat, lon, distance: Math.max(1.06, 1 + 2.6 * high) });
  }

  private fly(now: number): void {
    const { from, to, begin } = this.flight!;
    const share = Math.min((now - begin) / 700, 1);
    const s = share * share * (3 - 2 * share);
    const mix = (a: number, b: number) => a + (b - a) * s;
    this.view = clampView({
      lat: mix(from.lat, to.lat), lon: mix(from.lon, to.lon),
      distance: Math.exp(mix(Math.log(from.distance), Math.log(to.distance))),
    });
    this.dirty = true;
    if (share === 1) {
      this.flight = null;
      this.onview();
    }
  }

  private around(): View {
    const middle = new THREE.Vector3();
    const still = this.data!.bodies.filter((body) => body.kind !== "satellite");
    const shown = still.length ? still : this.data!.bodies;
    for (const body of shown) middle.add(unit(body.lat_deg, body.lon_deg));
    const [lat, lon] = middle.length() > 1e-6 ? latLon(middle) : [20, 0];
    const widest = Math.max(...shown.map((body) => unit(body.lat_deg, body.lon_deg).angleTo(middle)));
    // Far enough that satellites are in the picture, as long as they do not fly very high.
    const highest = Math.max(0, ...this.data!.bodies.map((body) => body.altitude_km / EARTH_KM));
    const wide = Math.min(1, this.canvas.clientWidth / Math.max(1, this.canvas.clientHeight));
    const far = Math.max(0.25, 3.4 * widest, highest > 0.02 ? 2.4 * Math.min(highest, 1.7) + 1.4 : 0);
    return { lat: lat * 0.8, lon, distance: 1 + Math.min(7, far / Math.max(wide, 0.6)) };
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement!;
    if (!width || !height) return;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.dirty = true;
  }

  // ------------------------------------------------------------------------------------------ building

  private put(n: number, direction: THREE.Vector3, radius: number): void {
    this.place.set([direction.x * radius, direction.y * radius, direction.z * radius], 3 * n);
  }

  private at(n: number): THREE.Vector3 { return new THREE.Vector3().fromArray(this.place, 3 * n); }

  private between(n: number, samples: Float32Array, where: number): void {
    const count = samples.length / 3;
    const low = Math.max(0, Math.min(Math.floor(where), count - 2));
    const share = Math.min(Math.max(where - low, 0), 1);
    const read = (k: number) => fromEarthFixed(samples[3 * k], samples[3 * k + 1], samples[3 * k + 2]);
    const a = read(low), b = read(low + 1);
    const radius = (a.length() + (b.length() - a.length()) * share) / EARTH_KM;
    this.put(n, slerp(a.normalize(), b.normalize(), share), radius);
  }

  private rebuild(): void {
    for (const child of [...this.model.children]) {
      this.model.remove(child);
      const part = child as THREE.Mesh;
      part.geometry?.dispose();
      (part.material as THREE.Material | undefined)?.dispose();
    }
    this.points = null;
    this.shadow();
    if (!this.data) return;
    this.addLinks();
    if (this.layers.has("tracks") && this.moving.size <= 120) this.addTracks();
    if (this.layers.has("footprints")) this.addFootprints();
    if (this.layers.has("serving")) this.addServices();
    this.addPoints();
  }

  private shadow(): void {
    const uniforms = this.earth.material.uniforms;
    uniforms.night.value = this.layers.has("night") && this.data ? 1 : 0;
    if (!this.data) return;
    const at = this.seconds / this.data.time.slot_s;
    const low = Math.min(Math.floor(at), this.data.sun.length - 2);
    const [a, b] = [this.data.sun[low], this.data.sun[low + 1]].map(([x, y, z]) => fromEarthFixed(x, y, z));
    uniforms.sun.value.copy(a.lerp(b, at - low).normalize());
  }

  visible(n: number): boolean {
    const kind = this.data!.bodies[n].kind;
    return kind === "aerial" ? this.layers.has("haps") : kind === "satellite" ? this.layers.has("satellites") : true;
  }

  /** The value of a link in this slot on the chosen scale, from 0 to 1. */
  share(k: number): number {
    const slot = this.slot!;
    if (this.scale === "load") return slot.rate_per_s[k] > 0 ? slot.used_per_s[k] / slot.rate_per_s[k] : 0;
    if (this.scale === "fidelity") return ((slot.fidelity[k] ?? 0.5) - 0.5) / 0.5;
    return (Math.log10(Math.max(slot.rate_per_s[k], 1)) - 0) / 6;
  }

  private addLinks(): void {
    const places: number[] = [], colours: number[] = [];
    const data = this.data!;
    const up = new Map(this.slot?.links.map((e, k) => [e, k]) ?? []);
    data.links.forEach((link, e) => {
      const fibre = link.making === "fibre_chain";
      if (!this.layers.has(fibre ? "fibre" : "links")) return;
      const k = up.get(e);
      if (k === undefined && !fibre) return;
      const a = this.index.get(link.a)!, b = this.index.get(link.b)!;
      if (!this.visible(a) || !this.visible(b)) return;
      let colour = k === undefined ? new THREE.Color(PALETTES[this.theme].grid) : cividis(this.share(k));
      if (this.difference) colour = differing(this.difference.get(`${link.a}|${link.b}`) ?? 0, this.theme);
      const via = k === undefined ? "" : this.slot!.via[k];
      const ends = via && this.index.has(via) ? [a, this.index.get(via)!, b] : [a, b];
      for (let i = 0; i + 1 < ends.length; i++) this.line(ends[i], ends[i + 1], fibre, colour, places, colours);
    });
    this.segments(places, colours, this.difference ? 2.6 : 1.5, this.difference ? 1 : 0.8);
  }

  private line(a: number, b: number, ground: boolean, colour: THREE.Color, places: number[], colours: number[]): void {
    const one = this.at(a), other = this.at(b);
    const path = ground ? arc(one, other) : [one, other];
    for (let i = 0; i + 1 < path.length; i++) {
      places.push(...path[i].toArray(), ...path[i + 1].toArray());
      colours.push(colour.r, colour.g, colour.b, colour.r, colour.g, colour.b);
    }
  }

  private segments(places: number[], colours: number[], width: number, opacity = 1, dashed = false): void {
    if (!places.length) return;
    const geometry = new LineSegmentsGeometry();
    geometry.setPositions(places);
    geometry.setColors(colours);
    const material = new LineMaterial({ vertexColors: true, linewidth: width, transparent: opacity < 1, opacity, dashed, dashSize: 0.02, gapSize: 0.012 });
    material.resolution.set(this.canvas.clientWidth, this.canvas.clientHeight);
    const lines = new LineSegments2(geometry, material);
    if (dashed) lines.computeLineDistances();
    this.model.add(lines);
  }

  private addServices(): void {
    const colour = new Map(this.data!.demands.map((demand) => [demand.id, demand.colour]));
    const fibres = new Set(this.data!.links.filter((l) => l.making === "fibre_chain").flatMap((l) => [`${l.a}|${l.b}`, `${l.b}|${l.a}`]));
    const solid = { places: [] as number[], colours: [] as number[] };
    const stored = { places: [] as number[], colours: [] as number[] };
    for (const service of this.data!.services) {
      if (service.slot !== this.slotNumber || (this.demand && service.demand !== this.demand)) continue;
      const tone = new THREE.Color(colour.get(service.demand));
      for (let i = 0; i + 1 < service.nodes.length; i++) {
        const a = this.index.get(service.nodes[i]), b = this.index.get(service.nodes[i + 1]);
        if (a === undefined || b === undefined) continue;
        const into = service.stored[i] ? stored : solid;
        this.line(a, b, fibres.has(`${service.nodes[i]}|${service.nodes[i + 1]}`), tone, into.places, into.colours);
      }
    }
    this.segments(solid.places, solid.colours, 4);
    this.segments(stored.places, stored.colours, 3.5, 1, true);
  }

  private addTracks(): void {
    const places: number[] = [], colours: number[] = [];
    const tone = new THREE.Color(PALETTES[this.theme].line);
    for (const samples of this.moving.values()) {
      for (let k = 0; k + 5 < samples.length; k += 3) {
        const a = fromEarthFixed(samples[k], samples[k + 1], samples[k + 2]).divideScalar(EARTH_KM);
        const b = fromEarthFixed(samples[k + 3], samples[k + 4], samples[k + 5]).divideScalar(EARTH_KM);
        places.push(...a.toArray(), ...b.toArray());
        colours.push(tone.r, tone.g, tone.b, tone.r, tone.g, tone.b);
      }
    }
    this.segments(places, colours, 1, 0.45);
  }

  private addFootprints(): void {
    const places: number[] = [], colours: number[] = [];
    const many = this.data!.bodies.filter((body) => body.kind === "satellite").length > 40;
    this.data!.bodies.forEach((body, n) => {
      const chosen = this.selected?.kind === "body" && this.selected.id === body.id;
      if (body.kind !== "satellite" || !body.footprint_deg || (many && !chosen)) return;
      const tone = chosen ? KIND.satellite : new THREE.Color(PALETTES[this.theme].line);
      const ring = circle(this.at(n).normalize(), (body.footprint_deg * Math.PI) / 180);
      for (let i = 0; i + 1 < ring.length; i++) {
        places.push(...ring[i].toArray(), ...ring[i + 1].toArray());
        colours.push(tone.r, tone.g, tone.b, tone.r, tone.g, tone.b);
      }
    });
    this.segments(places, colours, 1.2, 0.7);
  }

  private addPoints(): void {
    const places: number[] = [], colours: number[] = [], sizes: number[] = [];
    const ends = new Set(this.data!.demands.flatMap((demand) => [demand.source, demand.destination]));
    const many = this.data!.bodies.length > 2000;
    this.data!.bodies.forEach((body, n) => {
      if (!this.visible(n)) return;
      const chosen = this.selected?.kind === "body" && this.selected.id === body.id;
      const tone = chosen ? new THREE.Color("#d55e00") : KIND[body.kind];
      places.push(...this.at(n).multiplyScalar(body.altitude_km < 1 ? LIFT : 1).toArray());
      colours.push(tone.r, tone.g, tone.b);
      sizes.push(chosen ? 15 : many ? 3 : ends.has(body.id) ? 11 : 8);
    });
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute("position", new THREE.Float32BufferAttribute(places, 3));
    geometry.setAttribute("tone", new THREE.Float32BufferAttribute(colours, 3));
    geometry.setAttribute("size", new THREE.Float32BufferAttribute(sizes, 1));
    this.points = new THREE.Points(geometry, pointMaterial(this.renderer.getPixelRatio(), this.theme === "dark" ? "#0b1117" : "#ffffff"));
    this.model.add(this.points);
  }

  // ------------------------------------------------------------------------------------------ drawing

  private draw(): void {
    this.dirty = false;
    const { lat, lon, distance } = this.view;
    this.camera.position.copy(unit(lat, lon).multiplyScalar(distance));
    this.camera.up.set(0, 1, 0);
    this.camera.lookAt(0, 0, 0);
    this.camera.near = Math.max(0.002, (distance - 1) * 0.2);
    this.camera.far = distance + 10;
    this.camera.updateProjectionMatrix();
    this.camera.updateMatrixWorld();
    this.renderer.render(this.scene, this.camera);
    this.drawLabels();
  }

  /** Where a body is on the screen, in CSS pixels; null behind the Earth or outside. */
  screen(n: number): { x: number; y: number } | null {
    const at = this.at(n);
    if (hidden(this.camera.position, at)) return null;
    const p = at.clone().project(this.camera);
    if (p.z > 1 || Math.abs(p.x) > 1 || Math.abs(p.y) > 1) return null;
    return { x: ((p.x + 1) / 2) * this.canvas.clientWidth, y: ((1 - p.y) / 2) * this.canvas.clientHeight };
  }

  private drawLabels(): void {
    const taken: { x: number; y: number; w: number }[] = [];
    const shown = new Set<string>();
    if (this.data && this.layers.has("labels")) {
      const ends = new Set(this.data.demands.flatMap((demand) => [demand.source, demand.destination]));
      const chosen = this.selected?.kind === "body" ? this.selected.id : "";
      const rank = (id: string, kind: string) => (id === chosen ? 0 : ends.has(id) ? 1 : kind === "aerial" ? 2 : kind === "satellite" ? 4 : 3);
      const order = this.data.bodies.map((body, n) => ({ body, n })).filter(({ n }) => this.visible(n));
      order.sort((p, q) => rank(p.body.id, p.body.kind) - rank(q.body.id, q.body.kind));
      for (const { body, n } of order.slice(0, 2000)) {
        if (shown.size >= MOST_LABELS) break;
        const at = this.screen(n);
        if (!at) continue;
        const w = 7 * body.id.length + 12;
        if (taken.some((t) => Math.abs(t.y - at.y) < 17 && at.x < t.x + t.w && t.x < at.x + w)) continue;
        taken.push({ ...at, w });
        shown.add(body.id);
        let tag = this.tags.get(body.id);
        if (!tag) {
          tag = document.createElement("span");
          tag.textContent = body.id;
          this.tags.set(body.id, tag);
          this.labels.append(tag);
        }
        tag.hidden = false;
        tag.style.transform = `translate(${Math.round(at.x + 9)}px, ${Math.round(at.y - 9)}px)`;
      }
    }
    for (const [id, tag] of this.tags) if (!shown.has(id)) tag.hidden = true;
  }

  image(): Promise<Blob> {
    this.draw();
    return new Promise((done, fail) => this.canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"));
  }

  /** For tests and for the curious: what is drawn, where. */
  snapshot() {
    const info = this.renderer.info.render;
    const bodies = this.data?.bodies.map((body, n) => ({ id: body.id, at: this.screen(n) })) ?? [];
    return {
      view: this.camera_view, slot: this.slotNumber, seconds: this.seconds, layers: [...this.layers], scale: this.scale,
      bodies, calls: info.calls, triangles: info.triangles, selected: this.selected, links: this.slot?.links.length ?? 0,
    };
  }

  // ------------------------------------------------------------------------------------------ hands

  pick(x: number, y: number): Pick | null {
    if (!this.data) return null;
    let best: Pick | null = null, nearest = PICK_PX;
    const at = this.data.bodies.map((_, n) => (this.visible(n) ? this.screen(n) : null));
    at.forEach((p, n) => {
      const d = p ? Math.hypot(p.x - x, p.y - y) : Infinity;
      if (d < nearest) [nearest, best] = [d, { kind: "body", id: this.data!.bodies[n].id }];
    });
    if (best) return best;
    nearest = PICK_PX / 2;
    this.slot?.links.forEach((e, k) => {
      const link = this.data!.links[e];
      if (!this.layers.has(link.making === "fibre_chain" ? "fibre" : "links")) return;
      const names = [link.a, this.slot!.via[k], link.b].filter((name) => this.index.has(name));
      for (let i = 0; i + 1 < names.length; i++) {
        const p = at[this.index.get(names[i])!], q = at[this.index.get(names[i + 1])!];
        const d = p && q ? toSegment(x, y, p, q) : Infinity;
        if (d < nearest) [nearest, best] = [d, { kind: "link", number: e }];
      }
    });
    return best;
  }

  /** Latitude and longitude of the ground under a point of the screen; null beside the Earth. */
  ground(x: number, y: number): [number, number] | null {
    const ray = new THREE.Raycaster();
    ray.setFromCamera(new THREE.Vector2((x / this.canvas.clientWidth) * 2 - 1, 1 - (y / this.canvas.clientHeight) * 2), this.camera);
    const hit = ray.ray.intersectSphere(new THREE.Sphere(new THREE.Vector3(), 1), new THREE.Vector3());
    return hit ? latLon(hit) : null;
  }

  private listen(): void {
    const pointers = new Map<number, PointerEvent>();
    let begin: { x: number; y: number } | null = null, dragged: number | null = null, spread = 0;
    const where = (event: PointerEvent | WheelEvent) => {
      const box = this.canvas.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
      begin = where(event);
      this.flight = null;
      const found = this.movable ? this.pick(begin.x, begin.y) : null;
      const n = found?.kind === "body" ? this.index.get(found.id)! : null;
      dragged = n !== null && this.data!.bodies[n].fixed && this.data!.bodies[n].kind !== "satellite" ? n : null;
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const last = pointers.get(event.pointerId);
      if (!last) return;
      pointers.set(event.pointerId, event);
      if (pointers.size === 2) {
        const [p, q] = [...pointers.values()];
        const now = Math.hypot(p.clientX - q.clientX, p.clientY - q.clientY);
        if (spread) this.zoom(spread / now);
        spread = now;
        return;
      }
      if (dragged !== null) {
        const at = where(event), place = this.ground(at.x, at.y);
        if (place) {
          this.put(dragged, unit(...place), 1 + this.data!.bodies[dragged].altitude_km / EARTH_KM);
          this.refresh();
        }
        return;
      }
      const turn = (40 * (this.view.distance - 1 + 0.02)) / this.canvas.clientHeight;
      this.setView({ ...this.view, lat: this.view.lat + (event.clientY - last.clientY) * turn, lon: this.view.lon - (event.clientX - last.clientX) * turn });
    });
    const up = (event: PointerEvent) => {
      pointers.delete(event.pointerId);
      spread = 0;
      const at = where(event);
      const still = begin !== null && Math.hypot(at.x - begin.x, at.y - begin.y) < 4;
      if (dragged !== null && !still) {
        const [lat, lon] = latLon(this.at(dragged));
        this.onmoved(this.data!.bodies[dragged].id, lat, lon);
      } else if (still && event.type === "pointerup") {
        const place = this.onground && this.ground(at.x, at.y);
        if (this.onground && place) this.onground(...place);
        else this.onpick(this.pick(at.x, at.y));
      }
      dragged = null;
      begin = null;
      this.onview();
    };
    this.canvas.addEventListener("pointerup", up);
    this.canvas.addEventListener("pointercancel", up);
    this.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(event.deltaY * 0.0012));
      this.onview();
    }, { passive: false });
    this.canvas.addEventListener("keydown", (event) => {
      const turn = 6 * Math.min(1, this.view.distance - 1 + 0.02);
      const keys: Record<string, () => void> = {
        ArrowLeft: () => this.setView({ ...this.view, lon: this.view.lon - turn }),
        ArrowRight: () => this.setView({ ...this.view, lon: this.view.lon + turn }),
        ArrowUp: () => this.setView({ ...this.view, lat: this.view.lat + turn }),
        ArrowDown: () => this.setView({ ...this.view, lat: this.view.lat - turn }),
        "+": () => this.zoom(0.8), "=": () => this.zoom(0.8), "-": () => this.zoom(1.25),
        "0": () => this.reset(), Home: () => this.reset(),
      };
      const does = keys[event.key];
      if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      does();
      this.onview();
    });
  }

  zoom(factor: number): void {
    this.setView({ ...this.view, distance: 1 + (this.view.distance - 1) * factor });
  }
}

// -------------------------------------------------------------------------------------------- geometry
// The scene has y to the north pole, x to (0, 0), and z to 90 degrees west.

function fromEarthFixed(x: number, y: number, z: number): THREE.Vector3 { return new THREE.Vector3(x, z, -y); }

function unit(lat: number, lon: number): THREE.Vector3 {
  const a = (lat * Math.PI) / 180, b = (lon * Math.PI) / 180;
  return fromEarthFixed(Math.cos(a) * Math.cos(b), Math.cos(a) * Math.sin(b), Math.sin(a));
}

function latLon(place: THREE.Vector3): [number, number] {
  const r = place.length();
  return [(Math.asin(place.y / r) * 180) / Math.PI, (Math.atan2(-place.z, place.x) * 180) / Math.PI];
}

function slerp(a: THREE.Vector3, b: THREE.Vector3, share: number): THREE.Vector3 {
  const angle = a.angleTo(b);
  if (angle < 1e-7) return a.clone();
  return a.clone().multiplyScalar(Math.sin((1 - share) * angle)).addScaledVector(b, Math.sin(share * angle)).divideScalar(Math.sin(angle));
}

function arc(a: THREE.Vector3, b: THREE.Vector3): THREE.Vector3[] {
  const one = a.clone().normalize(), other = b.clone().normalize();
  const pieces = Math.max(1, Math.ceil(one.angleTo(other) / STEP));
  return Array.from({ length: pieces + 1 }, (_, i) => slerp(one, other, i / pieces).multiplyScalar(LIFT));
}

function circle(middle: THREE.Vector3, angle: number): THREE.Vector3[] {
  const side = new THREE.Vector3().crossVectors(middle, Math.abs(middle.y) < 0.9 ? new THREE.Vector3(0, 1, 0) : new THREE.Vector3(1, 0, 0)).normalize();
  const up = new THREE.Vector3().crossVectors(middle, side);
  return Array.from({ length: 97 }, (_, i) => {
    const turn = (i / 96) * 2 * Math.PI;
    const away = side.clone().multiplyScalar(Math.cos(turn)).addScaledVector(up, Math.sin(turn));
    return middle.clone().multiplyScalar(Math.cos(angle)).addScaledVector(away, Math.sin(angle)).multiplyScalar(LIFT);
  });
}

/** Whether the Earth is between two places. */
function hidden(eye: THREE.Vector3, place: THREE.Vector3): boolean {
  const ray = place.clone().sub(eye), length = ray.length();
  ray.divideScalar(length);
  const nearest = -eye.dot(ray);
  if (nearest <= 0 || nearest >= length) return false;
  return eye.clone().addScaledVector(ray, nearest).length() < 0.9985;
}

function toSegment(x: number, y: number, p: { x: number; y: number }, q: { x: number; y: number }): number {
  const dx = q.x - p.x, dy = q.y - p.y, square = dx * dx + dy * dy;
  const t = square ? Math.min(Math.max(((x - p.x) * dx + (y - p.y) * dy) / square, 0), 1) : 0;
  return Math.hypot(p.x + t * dx - x, p.y + t * dy - y);
}

function clampView(view: View): View {
  return {
    lat: Math.min(Math.max(view.lat, -89), 89),
    lon: ((view.lon + 540) % 360 + 360) % 360 - 180,
    distance: Math.min(Math.max(view.distance, 1.01), 12),
  };
}

function differing(share: number, theme: "light" | "dark"): THREE.Color {
  const nothing = new THREE.Color(theme === "dark" ? "#4a5a63" : "#c5ccd0");
  return nothing.lerp(new THREE.Color(share > 0 ? "#0072b2" : "#d55e00"), Math.min(1, Math.abs(share) ** 0.5));
}

// -------------------------------------------------------------------------------------------- materials

const topology = world as any;

function earthTexture(palette: Palette): THREE.Texture {
  const canvas = document.createElement("canvas");
  canvas.width = 4096;
  canvas.height = 2048;
  const context = canvas.getContext("2d")!;
  const projection = geoEquirectangular().scale(canvas.width / (2 * Math.PI)).translate([canvas.width / 2, canvas.height / 2]);
  const path = geoPath(projection, context);
  context.fillStyle = palette.sea;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.strokeStyle = palette.grid;
  context.lineWidth = 1.5;
  context.beginPath();
  path(geoGraticule10());
  context.stroke();
  context.fillStyle = palette.land;
  context.beginPath();
  path(feature(topology, topology.objects.land) as any);
  context.fill();
  const texture = new THREE.CanvasTexture(canvas);
  texture.colorSpace = THREE.SRGBColorSpace;
  texture.anisotropy = 8;
  return texture;
}

function coastGeometry(): THREE.BufferGeometry {
  const places: number[] = [];
  const lines = mesh(topology, topology.objects.countries) as unknown as { coordinates: [number, number][][] };
  for (const line of lines.coordinates) {
    for (let i = 0; i + 1 < line.length; i++) {
      for (const [lon, lat] of [line[i], line[i + 1]]) places.push(...unit(lat, lon).multiplyScalar(1.0001).toArray());
    }
  }
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.Float32BufferAttribute(places, 3));
  return geometry;
}

function earthMaterial(): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({
    uniforms: { map: { value: null }, sun: { value: new THREE.Vector3(1, 0, 0) }, night: { value: 0 }, dim: { value: 0.75 } },
    vertexShader: `varying vec2 at; varying vec3 up;
      void main() { at = uv; up = normalize(position); gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }`,
    // Twilight: from the horizon to 18 degrees below it.
    fragmentShader: `uniform sampler2D map; uniform vec3 sun; uniform float night; uniform float dim; varying vec2 at; varying vec3 up;
      void main() { vec4 c = texture2D(map, at);
        float dark = night * (1.0 - smoothstep(-0.309, 0.0, dot(up, sun)));
        gl_FragColor = vec4(c.rgb * mix(1.0, dim, dark), 1.0);
        #include <colorspace_fragment>
      }`,
  });
}

function pointMaterial(ratio: number, rim: string): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({
    uniforms: { ratio: { value: ratio }, rim: { value: new THREE.Color(rim) } },
    transparent: true,
    vertexShader: `attribute vec3 tone; attribute float size; uniform float ratio; varying vec3 colour; varying float s;
      void main() { colour = tone; s = size * ratio; gl_PointSize = s; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
        gl_Position.z -= 0.0004 * gl_Position.w; }`,
    fragmentShader: `uniform vec3 rim; varying vec3 colour; varying float s;
      void main() { float r = length(gl_PointCoord - 0.5) * 2.0; if (r > 1.0) discard;
        gl_FragColor = vec4(mix(colour, rim, smoothstep(1.0 - 4.0 / s, 1.0 - 2.0 / s, r)), 1.0);
        #include <colorspace_fragment>
      }`,
  });
}
