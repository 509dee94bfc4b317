/* Checks the credential in this page with the reader's own browser. Nothing is fetched but what the issuer publishes for
 * this: its keys (did:web) and its status lists, at addresses that the page's policy names one by one.
 *
 * The same rules as release/verify.py: one proof of eddsa-rdfc-2022, or a token, by a key of the issuer's that was in
 * force, over every statement of the credential under contexts that are embedded here, at a time within its validity,
 * and neither revoked nor suspended. And what the page shows is compared with what was signed. */
"use strict";

(() => {
  const CONTEXTS = JSON.parse(document.getElementById("contexts").textContent);
  const PROOF_KEYS = new Set(
    ["id", "type", "cryptosuite", "created", "expires", "verificationMethod", "proofPurpose", "proofValue"]);
  const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  const DOCUMENTS = JSON.parse(document.getElementById("documents").textContent);
  const CLAIMS = new Set(["iss", "sub", "jti", "nbf", "iat", "exp"]);
  const LONGEST_LIST = 1 << 24;

  class Refused extends Error {}
  class Unknown extends Error {}  // all that is signed is in order, but whether it was revoked could not be asked

  function demand(condition, message) {
    if (!condition) throw new Refused(message);
  }

  function bytesOfBase64(text) {
    return Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  }

  function bytesOfBase58(text) {
    demand(typeof text === "string" && text.startsWith("z") && text.length < 200, "A value in it is not multibase.");
    const bytes = [];
    for (const letter of text.slice(1)) {
      let carry = DIGITS.indexOf(letter);
      demand(carry >= 0, "A value in it is not multibase.");
      for (let i = 0; i < bytes.length; i++) {
        carry += bytes[i] * 58;
        bytes[i] = carry & 0xff;
        carry >>= 8;
      }
      for (; carry > 0; carry >>= 8) bytes.push(carry & 0xff);
    }
    for (const letter of text.slice(1)) {
      if (letter !== "1") break;
      bytes.push(0);
    }
    return Uint8Array.from(bytes.reverse());
  }

  function bytesOfBase64Url(text) {
    demand(/^[A-Za-z0-9_-]*$/.test(text), "A value in it is not base 64.");
    return bytesOfBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  }

  function textOf(bytes) {
    return new TextDecoder("utf-8", {fatal: true}).decode(bytes);
  }

  /* A credential: what it says, who is said to have signed it, and how that is checked. */
  function parsed(text, whole) {
    if (!text.startsWith("{")) return token(text.trim());
    const credential = JSON.parse(text);
    const again = JSON.stringify(credential, null, 2) + (whole ? "\n" : "");
    demand(again === text, "The file is not as it was issued.");  // also if a key occurs twice
    return withProof(credential);
  }

  function withProof(credential) {
    const {proof, ...said} = credential;
    demand(Array.isArray(said.type) && said.type.includes("VerifiableCredential"), "It is no credential.");
    demand(proof && !Array.isArray(proof) && proof.type === "DataIntegrityProof"
      && proof.cryptosuite === "eddsa-rdfc-2022" && proof.proofPurpose === "assertionMethod"
      && Object.keys(proof).every((key) => PROOF_KEYS.has(key)), "Its proof is of a kind that is not understood here.");
    const {proofValue, ...options} = proof;
    options["@context"] = said["@context"];
    return {
      said, method: proof.verificationMethod, made: proof.created, expires: proof.expires, signature: () => bytesOfBase58(proofValue),
      message: async () => {
        const message = new Uint8Array(64);
        message.set(await hashOfStatements(options), 0);
        message.set(await hashOfStatements(said), 32);
        return message;
      },
    };
  }

  function token(text) {
    const parts = text.split(".");
    demand(parts.length === 3, "It is not a signed token.");
    const [header, payload] = parts.slice(0, 2).map((part) => JSON.parse(textOf(bytesOfBase64Url(part))));
    demand(header.alg === "EdDSA" && header.typ === "vc+jwt" && typeof header.kid === "string"
      && Object.keys(header).every((key) => ["alg", "typ", "cty", "kid"].includes(key)),
    "Its proof is of a kind that is not understood here.");
    const said = Object.fromEntries(Object.entries(payload).filter(([key]) => !CLAIMS.has(key)));
    demand(Array.isArray(said.type) && said.type.includes("VerifiableCredential"), "It is no credential.");
    demand(payload.iss === issuerOf(said) && payload.jti === said.id, "It contradicts itself.");
    const time = (seconds) => (seconds === undefined ? undefined : new Date(seconds * 1000).toISOString());
    return {
      said, method: header.kid, made: time(payload.iat), expires: time(payload.exp), signature: () => bytesOfBase64Url(parts[2]),
      message: async () => {
        await hashOfStatements(said);  // that each of its terms has a meaning
        return new TextEncoder().encode(parts.slice(0, 2).join("."));
      },
    };
  }

  function issuerOf(said) {
    return typeof said.issuer === "string" ? said.issuer : said.issuer.id;
  }

  async function fetched(address) {
    const answer = await fetch(address, {cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer"});
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  /* The issuer's document: as it is published now, or as it was when this page was made. */
  function documentOf(issuer) {
    const kept = Object.hasOwn(DOCUMENTS, issuer) ? DOCUMENTS[issuer] : null;
    if (!kept) return null;
    kept.now ??= (kept.address ? fetched(kept.address) : Promise.reject()).then(
      (now) => (now.id === issuer ? now : kept.document), () => kept.document);
    return kept.now;
  }

  /* The key that signed, which has to be the issuer's, and until when its signatures count. */
  async function keyOf(secured) {
    const issuer = issuerOf(secured.said);
    const wrong = "It was not signed by the issuer that it names.";
    const known = await documentOf(issuer);
    if (!known) {
      demand(issuer.startsWith("did:key:z6Mk"), "Its issuer is named in a way that is not understood here.");
      demand(secured.method === `${issuer}#${issuer.slice("did:key:".length)}`, wrong);
      return {bytes: bytesOfMultikey(issuer.slice("did:key:".length))};
    }
    const method = (known.verificationMethod || []).find((each) => each.id === secured.method);
    demand(method && method.controller === issuer && (known.assertionMethod || []).includes(secured.method), wrong);
    const jwk = method.publicKeyJwk;
    demand(method.publicKeyMultibase || (jwk && jwk.kty === "OKP" && jwk.crv === "Ed25519"), wrong);
    const ends = [method.revoked, method.expires].filter(Boolean).map((each) => Date.parse(each));
    demand(ends.every((each) => !Number.isNaN(each)), wrong);
    return {
      bytes: method.publicKeyMultibase ? bytesOfMultikey(method.publicKeyMultibase) : bytesOfBase64Url(jwk.x),
      ends: ends.length ? Math.min(...ends) : undefined,
    };
  }

  function bytesOfMultikey(text) {
    const bytes = bytesOfBase58(text);
    demand(bytes.length === 34 && bytes[0] === 0xed && bytes[1] === 0x01, "Its issuer's key is none.");
    return bytes.slice(2);
  }

  function checkContexts(credential) {
    const contexts = credential["@context"];
    demand(Array.isArray(contexts) && contexts.every((each) => typeof each === "string" && Object.hasOwn(CONTEXTS, each)),
      "It uses terms whose meaning is not known here.");
  }

  /* What a signature would not cover: nulls, empty values, keywords and statements of its own making. */
  function checkValues(value, top) {
    const empty = value === null || (typeof value === "object" && Object.keys(value).length === 0);
    demand(!empty && !(typeof value === "number" && !Number.isInteger(value)), "Not all of it is covered by a signature.");
    if (typeof value !== "object") return;
    for (const [key, each] of Object.entries(value)) {
      if (top && key === "@context") continue;
      demand(!key.startsWith("@") && !key.includes(":"), "Not all of it is covered by a signature.");  // no other names
      checkValues(each, false);
    }
  }

  async function hashOfStatements(part) {
    const documentLoader = async (url) => {
      demand(Object.hasOwn(CONTEXTS, url), "It uses terms whose meaning is not known here.");
      return {contextUrl: null, documentUrl: url, document: CONTEXTS[url]};
    };
    let statements;
    try {
      statements = await jsonld.canonize(part, {
        algorithm: "RDFC-1.0", format: "application/n-quads", base: null, safe: true, maxWorkFactor: 1, documentLoader});
    } catch (error) {
      throw new Refused(`Not all of it is covered by a signature (${error.message}).`);
    }
    return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(statements)));
  }

  async function checkSigned(secured, now) {
    checkContexts(secured.said);
    checkValues(secured.said, true);
    const {bytes, ends} = await keyOf(secured);
    const key = await crypto.subtle.importKey("raw", bytes, {name: "Ed25519"}, false, ["verify"]);
    const message = await secured.message();
    const sound = await crypto.subtle.verify({name: "Ed25519"}, key, secured.signature(), message);
    demand(sound, "It is not what was signed: something in it was changed.");
    demand(ends === undefined || Date.parse(secured.made) < ends,
      "It was signed with a key after its issuer had put the key aside, or when others may have had it.");
    checkValidity(secured, now);
  }

  function checkValidity(secured, now) {
    const begins = secured.said.validFrom && Date.parse(secured.said.validFrom);
    const ends = [secured.said.validUntil, secured.expires].filter(Boolean).map((each) => Date.parse(each));
    demand([begins, ...ends].every((each) => !Number.isNaN(each)), "It holds a time that is none.");
    demand(!begins || now >= begins, "By the clock of your computer, it is not valid yet.");
    demand(ends.every((each) => now <= each), "It is no longer valid.");
  }

  async function unpacked(text) {
    demand(typeof text === "string" && text.startsWith("u"), "Its status list is damaged.");
    const stream = new Blob([bytesOfBase64Url(text.slice(1))]).stream().pipeThrough(new DecompressionStream("gzip"));
    const reader = stream.getReader();
    const parts = [];
    let length = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length;
      demand(length <= LONGEST_LIST, "Its status list is damaged.");
      parts.push(part.value);
    }
    demand(length * 8 >= 131072, "Its status list is damaged.");
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  }

  /* Whether the bit of one entry is set, by a list of the same issuer that is signed and holds now. */
  async function isSet(entry, issuer, now) {
    demand(entry.type === "BitstringStatusListEntry" && ["revocation", "suspension"].includes(entry.statusPurpose)
      && (entry.statusSize ?? 1) === 1 && /^[0-9]{1,8}$/.test(entry.statusListIndex),
    "It has a status of a kind that is not understood here.");
    let list;
    try {
      list = await fetched(entry.statusListCredential);
    } catch {
      throw new Unknown(entry.statusListCredential);
    }
    const place = Number(entry.statusListIndex);
    try {
      const secured = withProof(list);
      demand(list.id === entry.statusListCredential && issuerOf(list) === issuer
        && list.type.includes("BitstringStatusListCredential"), "Its status list is another's.");
      await checkSigned(secured, now);
      demand(list.credentialSubject.type === "BitstringStatusList"
        && list.credentialSubject.statusPurpose === entry.statusPurpose, "Its status list is about something else.");
      const bits = await unpacked(list.credentialSubject.encodedList);
      demand(place < bits.length * 8, "Its status list is too short.");
      return (bits[place >> 3] & (0x80 >> (place & 7))) !== 0;
    } catch (error) {
      throw new Refused("Whether it was revoked cannot be told: its status list is not to be believed "
        + `(${error instanceof Refused ? error.message : "it is damaged"}).`);
    }
  }

  async function checkStatus(said, now) {
    if (!("credentialStatus" in said)) return;
    const entries = [said.credentialStatus].flat();
    demand(entries.length > 0 && entries.length <= 8, "It has a status of a kind that is not understood here.");
    const found = await Promise.all(entries.map((entry) => isSet(entry, issuerOf(said), now).catch((error) => error)));
    const set = entries.filter((_, number) => found[number] === true).map((entry) => entry.statusPurpose);
    demand(!set.includes("revocation"), "It was revoked by its issuer.");
    demand(!set.includes("suspension"), "It is suspended by its issuer for now.");
    for (const kind of [Refused, Unknown]) {
      const problem = found.find((each) => each instanceof kind);
      if (problem) throw problem;
    }
    demand(found.every((each) => each === false), "Whether it was revoked cannot be told here.");
  }

  /* What the page shows, by the name of the element that shows it, as the signed credential has it. */
  function facts(credential) {
    const subject = credential.credentialSubject;
    const name = subject.identifier.find((each) => each.identityType === "name");
    const awarded = new Date(credential.awardedDate);
    const found = {
      issuer: credential.issuer.name,
      key: credential.issuer.id,
      program: subject.achievement.name,
      description: subject.achievement.description,
      criteria: subject.achievement.criteria.narrative,
      awarded: awarded.toLocaleDateString("en-GB", {day: "numeric", month: "long", year: "numeric", timeZone: "UTC"}),
      code: credential.id.replaceAll("-", "").slice(-20).toUpperCase().match(/.{4}/g).join("-"),
      id: credential.id,
    };
    if (name) found.name = name.identityHash;
    subject.result.forEach((result, index) => {
      const description = subject.achievement.resultDescription.find((each) => each.id === result.resultDescription);
      found[`result-${index}-title`] = description.name;
      found[`result-${index}-score`] = `${result.value} %`;
    });
    (credential.evidence || []).forEach((evidence, index) => {
      found[`evidence-${index}`] = `${evidence.name}: ${evidence.narrative}`;
    });
    return found;
  }

  function checkWhatIsShown(credential) {
    const signed = facts(credential);
    const shown = {};
    for (const element of document.querySelectorAll("[data-fact]")) {
      shown[element.dataset.fact] = element.textContent;
    }
    const names = new Set([...Object.keys(signed), ...Object.keys(shown)]);
    for (const name of names) {
      demand(signed[name] === shown[name], "This page shows something other than what was signed.");
    }
  }

  function answer(state, title, message) {
    const status = document.getElementById("status");
    status.dataset.state = state;
    document.getElementById("status-mark").textContent = {verified: "\u2713", unknown: "?"}[state] ?? "\u2717";
    document.getElementById("status-title").textContent = title;
    document.getElementById("status-message").textContent = message;
  }

  async function check(secured, compare) {
    demand(globalThis.crypto && crypto.subtle,
      "This browser cannot check signatures on this page: open it over https, or check the file instead.");
    const now = Date.now();
    await checkSigned(secured, now);
    compare(secured.said);
    await checkStatus(secured.said, now);
    return secured.said;
  }

  function tell(checking) {
    return checking.then(
      (credential) => answer("verified", "Verified",
        `Checked just now in your browser: all of this is exactly as the holder of the issuer\u2019s key signed it`
        + ("credentialStatus" in credential ? ", and it was not revoked. " : ". ")
        + `To be sure that the key is ${credential.issuer.name}\u2019s, compare it with the one that they publish.`),
      (error) => (error instanceof Unknown
        ? answer("unknown", "Not fully checked", "All of this is as it was signed, but whether it was revoked since could "
          + `not be asked at ${new URL(error.message).host}. Do not rely on it before that is known.`)
        : answer("refused", "Not verified", error instanceof Refused ? error.message
          : "It could not be checked: it is damaged, or this browser is too old to check it.")),
    );
  }

  /* On the page of one credential: the one that it holds. */
  async function checkEmbedded() {
    const text = textOf(bytesOfBase64(document.getElementById("credential").textContent));
    return check(parsed(text, true), checkWhatIsShown);
  }

  /* On an issuer's page for checking: a file that the reader chose, which has to be of that issuer. */
  async function checkGiven(file) {
    let text;
    try {
      text = unwrapCredential(new Uint8Array(await file.arrayBuffer()));
    } catch (error) {
      throw new Refused(error instanceof TypeError ? "It is not a credential." : error.message);
    }
    demand(text.startsWith("{") || text.split(".").length === 3, "It is not a credential.");
    const secured = parsed(text, false);
    demand(Object.hasOwn(DOCUMENTS, issuerOf(secured.said)), "It was not issued by whom this page is of.");
    return check(secured, showFacts);
  }

  const SHOWN = {
    name: "Learner", program: "Credential", issuer: "Issuer", awarded: "Awarded on", code: "Identifying code",
    criteria: "What it took", key: "Known as",
  };

  function showFacts(said) {
    const list = document.getElementById("facts");
    const found = facts(said);
    const rows = Object.keys(SHOWN).filter((key) => key in found).map((key) => [SHOWN[key], found[key]]);
    said.credentialSubject.result.forEach((_, index) => {
      rows.splice(-3, 0, [found[`result-${index}-title`], found[`result-${index}-score`]]);
    });
    for (const [title, value] of rows) {
      list.append(Object.assign(document.createElement("dt"), {textContent: title}));
      list.append(Object.assign(document.createElement("dd"), {textContent: value}));
    }
    document.getElementById("found").hidden = false;
  }

  const input = document.getElementById("file");
  if (!input) {
    tell(checkEmbedded());
    return;
  }
  input.addEventListener("change", () => {
    if (!input.files.length) return;
    document.getElementById("facts").replaceChildren();
    document.getElementById("found").hidden = true;
    document.getElementById("status").hidden = false;
    answer("checking", "Checking \u2026", "");
    tell(checkGiven(input.files[0]));
  });
})();
