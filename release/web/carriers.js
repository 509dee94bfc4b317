/* A credential in whatever file a reader gives: JSON, a token, or a badge (PNG or SVG) that it was baked into.
 *
 * The same rules as release/credentials/carriers.py: one credential, not compressed, no document type, no entities. */
"use strict";

globalThis.unwrapCredential = (() => {
  const LARGEST = 1 << 24;
  const KEYWORD = "openbadgecredential\0";
  const NAMESPACE = "https://purl.imsglobal.org/ob/v3p0";
  const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

  function demand(condition, message) {
    if (!condition) throw new Error(message);
  }

  function textOf(bytes) {
    return new TextDecoder("utf-8", {fatal: true}).decode(bytes);
  }

  function inPng(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = [];
    for (let at = PNG.length; ;) {
      demand(at + 12 <= bytes.length, "The image is cut off.");
      const length = view.getUint32(at);
      const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      demand(at + 12 + length <= bytes.length, "The image is cut off.");
      const data = bytes.subarray(at + 8, at + 8 + length);
      const begins = String.fromCharCode(...data.subarray(0, KEYWORD.length));
      if (kind === "iTXt" && begins === KEYWORD) found.push(data.subarray(KEYWORD.length));
      if (kind === "IEND") break;
      at += 12 + length;
    }
    demand(found.length > 0, "The image holds no credential.");
    demand(found.length === 1, "The image holds two credentials.");
    demand(found[0][0] === 0, "The credential in the image is compressed, which the standard forbids.");
    const language = found[0].indexOf(0, 2);
    const translated = found[0].indexOf(0, language + 1);
    demand(language >= 0 && translated >= 0, "The credential in the image is cut off.");
    return textOf(found[0].subarray(translated + 1));
  }

  function inSvg(text) {
    demand(!text.includes("<!DOCTYPE") && !text.includes("<!ENTITY"), "The image has a document type, which no badge needs.");
    const image = new DOMParser().parseFromString(text, "image/svg+xml");
    const elements = image.getElementsByTagNameNS(NAMESPACE, "credential");
    demand(elements.length > 0, "The image holds no credential.");
    demand(elements.length === 1, "The image holds two credentials.");
    return elements[0].getAttribute("verify") ?? elements[0].textContent;
  }

  return (bytes) => {
    demand(bytes.length <= LARGEST, "It is larger than a credential or a badge can be.");
    if (PNG.every((byte, number) => bytes[number] === byte)) return inPng(bytes).trim();
    const text = textOf(bytes).trim();
    return text.startsWith("<") ? inSvg(text).trim() : text;
  };
})();
