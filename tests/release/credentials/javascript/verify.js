// Asks Digital Bazaar's verifier about credentials: a JSON list of {credential, documents, now} comes in on standard
// input, where `documents` are all that may be loaded, by address; a list of {verified, set, said} goes
// out; `set` are the purposes of the status lists whose bit is set.
import * as vc from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';

let text = '';
for await (const part of process.stdin) text += part;

const answers = [];
for (const {credential, documents, now} of JSON.parse(text)) {
  const documentLoader = async (url) => {
    if (!Object.hasOwn(documents, url)) throw new Error(`nothing may be loaded from ${url}`);
    return {contextUrl: null, documentUrl: url, document: documents[url]};
  };
  const suite = new DataIntegrityProof({cryptosuite});
  const set = [];
  const result = await vc.verifyCredential({
    credential, suite, documentLoader, now: new Date(now),
    checkStatus: async () => {
      const found = await checkStatus({credential, suite, documentLoader});
      for (const each of found.results ?? []) {
        if (each.status) set.push(each.credentialStatus.statusPurpose);
      }
      return found;
    },
  });
  answers.push({verified: result.verified, set, said: result.error ? String(result.error.errors ?? result.error) : ''});
}
process.stdout.write(JSON.stringify(answers));
