// @ts-check
/**
 * Draws stacked video with true transparency: premultiplied colour on top, guard rows, alpha as grey below.
 * The layout and the matte's floor mirror server/kuchipaku/alpha.py; the browser has already turned the video's
 * limited-range YUV into RGB. As the number of guard rows is fixed, the video's size tells the picture's, whatever its
 * shape. The canvas gets one pixel per pixel of the picture, so nothing is sampled between two texels and the guard
 * rows never show.
 */

const GUARD_PX = 16;

const VERTEX_SHADER = `
attribute vec2 corner;
varying vec2 place;
void main() {
  place = vec2(corner.x * 0.5 + 0.5, 0.5 - corner.y * 0.5);
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

const FRAGMENT_SHADER = `
precision highp float;
uniform sampler2D stacked;
uniform float pictureShare;
uniform float matteTop;
varying vec2 place;
const float MATTE_FLOOR = 3.0 / 255.0;
void main() {
  float y = place.y * pictureShare;
  vec3 colour = texture2D(stacked, vec2(place.x, y)).rgb;
  float grey = texture2D(stacked, vec2(place.x, matteTop + y)).g;
  float alpha = clamp((grey - MATTE_FLOOR) / (1.0 - 2.0 * MATTE_FLOOR), 0.0, 1.0);
  gl_FragColor = vec4(min(colour, alpha), alpha);
}`;

/** @typedef {HTMLVideoElement | HTMLImageElement | ImageBitmap} StackedSource */

export class AlphaCanvas {
  #canvas;
  #video;
  #onFrame;
  /** @type {WebGLRenderingContext} */
  #gl;
  /** @type {WebGLProgram | null} */
  #program = null;
  /** @type {WebGLBuffer | null} */
  #corners = null;
  /** @type {WebGLTexture | null} */
  #texture = null;
  #request = 0;
  #destroyed = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLVideoElement} video whose frames are drawn as they are presented
   * @param {(metadata: VideoFrameCallbackMetadata) => void} [onFrame] called after each drawn frame
   * @throws {Error} when the browser offers no WebGL
   */
  constructor(canvas, video, onFrame) {
    const gl = canvas.getContext("webgl", { premultipliedAlpha: true, antialias: false, depth: false });
    if (gl === null) throw new Error("This browser offers no WebGL, which the picture's transparency needs.");
    this.#canvas = canvas;
    this.#video = video;
    this.#onFrame = onFrame;
    this.#gl = gl;
    canvas.addEventListener("webglcontextlost", this.#lose);
    canvas.addEventListener("webglcontextrestored", this.#prepare);
    this.#prepare();
    this.#await();
  }

  destroy() {
    this.#destroyed = true;
    this.#video.cancelVideoFrameCallback(this.#request);
    this.#canvas.removeEventListener("webglcontextlost", this.#lose);
    this.#canvas.removeEventListener("webglcontextrestored", this.#prepare);
    this.#gl.deleteTexture(this.#texture);
    this.#gl.deleteBuffer(this.#corners);
    this.#gl.deleteProgram(this.#program);
  }

  /**
   * Draws one stacked picture.
   * @param {StackedSource} source
   * @param {number} width its width in pixels, which is also the picture's width
   * @param {number} stackedHeight its height in pixels: twice the picture's height and the guard rows
   */
  draw(source, width, stackedHeight) {
    const height = (stackedHeight - GUARD_PX) / 2;
    if (this.#program === null || height <= 0 || width === 0) return;
    const gl = this.#gl;
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#canvas.style.setProperty("--aspect", String(width / height)); // for the page's layout
    }
    gl.viewport(0, 0, width, height);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, source);
    gl.uniform1f(gl.getUniformLocation(this.#program, "pictureShare"), height / stackedHeight);
    gl.uniform1f(gl.getUniformLocation(this.#program, "matteTop"), (height + GUARD_PX) / stackedHeight);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #await() {
    this.#request = this.#video.requestVideoFrameCallback((_now, metadata) => {
      if (this.#destroyed) return;
      this.draw(this.#video, metadata.width, metadata.height);
      this.#onFrame?.(metadata);
      this.#await();
    });
  }

  /** @param {Event} event */
  #lose = (event) => {
    event.preventDefault();
    this.#program = null;
  };

  #prepare = () => {
    const gl = this.#gl;
    this.#program = buildProgram(gl);
    gl.useProgram(this.#program);
    this.#corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#corners);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(this.#program, "corner");
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    this.#texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.#texture);
    for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    }
  };
}

/** @param {WebGLRenderingContext} gl @returns {WebGLProgram} */
function buildProgram(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of /** @type {const} */ ([
    [gl.VERTEX_SHADER, VERTEX_SHADER],
    [gl.FRAGMENT_SHADER, FRAGMENT_SHADER],
  ])) {
    const shader = gl.createShader(kind);
    if (shader === null) throw new Error("WebGL is not available at the moment.");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`The shader does not link: ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}
