/* Checks the credential in this page with the reader's own browser: nothing is sent anywhere, and nothing is fetched.
 *
 * The same rules as release/verify.py: one proof of eddsa-rdfc-2022 by the issuer's own did:key, over every statement
 * of the credential under contexts that are embedded here, at a time within its validity. And what the page shows is
 * compared with what was signed. */
"use strict";

(() => {
  const CONTEXTS = JSON.parse(document.getElementById("contexts").textContent);
  const PROOF_KEYS = new Set(
    ["id", "type", "cryptosuite", "created", "expires", "verificationMethod", "proofPurpose", "proofValue"]);
  const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  class Refused extends Error {}

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

  function parsed() {
    const bytes = bytesOfBase64(document.getElementById("credential").textContent);
    const text = new TextDecoder("utf-8", {fatal: true}).decode(bytes);
    const credential = JSON.parse(text);
    const again = JSON.stringify(credential, null, 2) + "\n";
    demand(again === text, "The file is not as it was issued.");  // also if a key occurs twice
    demand(Array.isArray(credential.type) && credential.type.includes("VerifiableCredential"), "It is no credential.");
    return credential;
  }

  function signerOf(credential) {
    const proof = credential.proof;
    demand(proof && !Array.isArray(proof) && proof.type === "DataIntegrityProof"
      && proof.cryptosuite === "eddsa-rdfc-2022" && proof.proofPurpose === "assertionMethod"
      && Object.keys(proof).every((key) => PROOF_KEYS.has(key)), "Its proof is of a kind that is not understood here.");
    const issuer = typeof credential.issuer === "string" ? credential.issuer : credential.issuer.id;
    demand(issuer.startsWith("did:key:z6Mk"), "Its issuer is named in a way that is not understood here.");
    const key = issuer.slice("did:key:".length);
    demand(proof.verificationMethod === `${issuer}#${key}`, "It was not signed by the issuer that it names.");
    const bytes = bytesOfBase58(key);
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

  async function checkSignature(credential, publicKey) {
    const {proof, ...unsecured} = credential;
    const {proofValue, ...options} = proof;
    options["@context"] = credential["@context"];
    const message = new Uint8Array(64);
    message.set(await hashOfStatements(options), 0);
    message.set(await hashOfStatements(unsecured), 32);
    const key = await crypto.subtle.importKey("raw", publicKey, {name: "Ed25519"}, false, ["verify"]);
    const sound = await crypto.subtle.verify({name: "Ed25519"}, key, bytesOfBase58(proofValue), message);
    demand(sound, "It is not what was signed: something in it was changed.");
  }

  function checkValidity(credential, now) {
    demand(!("credentialStatus" in credential), "Whether it is revoked cannot be told here.");
    const begins = credential.validFrom && Date.parse(credential.validFrom);
    const ends = [credential.validUntil, credential.proof.expires].filter(Boolean).map((each) => Date.parse(each));
    demand([begins, ...ends].every((each) => !Number.isNaN(each)), "It holds a time that is none.");
    demand(!begins || now >= begins, "By the clock of your computer, it is not valid yet.");
    demand(ends.every((each) => now <= each), "It is no longer valid.");
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
    document.getElementById("status-mark").textContent = state === "verified" ? "\u2713" : "\u2717";
    document.getElementById("status-title").textContent = title;
    document.getElementById("status-message").textContent = message;
  }

  async function check() {
    demand(globalThis.crypto && crypto.subtle,
      "This browser cannot check signatures on this page: open it over https, or check the file instead.");
    const credential = parsed();
    checkContexts(credential);
    checkValues(credential, true);
    const publicKey = signerOf(credential);
    await checkSignature(credential, publicKey);
    checkValidity(credential, Date.now());
    checkWhatIsShown(credential);
    return credential;
  }

  check().then(
    (credential) => answer("verified", "Verified",
      `Checked just now in your browser: all of this is exactly as the holder of the issuer\u2019s key signed it. `
      + `To be sure that the key is ${credential.issuer.name}\u2019s, compare it with the one that they publish.`),
    (error) => answer("refused", "Not verified", error instanceof Refused ? error.message
      : "It could not be checked: it is damaged, or this browser is too old to check it.",
    ));
})();
