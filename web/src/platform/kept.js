// Texts of the server in IndexedDB, for `kept.rs`. Keys are [kind, user, id]. Where nothing can be stored, writing does
// nothing and reading finds nothing.

let opening;

const open = () =>
  (opening ??= new Promise((done, fail) => {
    const request = indexedDB.open("tandem", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("kept");
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  }));

// One transaction, over when it is on the disk. The requests of one page run in the order of their calls.
const run = async (mode, work) => {
  try {
    const database = await open();
    return await new Promise((done, fail) => {
      const transaction = database.transaction("kept", mode);
      const request = work(transaction.objectStore("kept"));
      transaction.oncomplete = () => done(request?.result);
      transaction.onabort = () => fail(transaction.error);
    });
  } catch {
    return undefined;
  }
};

// All keys that begin so: an array is greater than any number or text.
const range = (...start) => {
  const known = start.filter((part) => part !== undefined);
  return IDBKeyRange.bound(known, [...known, []]);
};

export const keep = (kind, user, id, text) => run("readwrite", (store) => store.put(text, [kind, user, id]));

export const forget = (kind, user, id) => run("readwrite", (store) => store.delete([kind, user, id]));

export const restart = (user, seq, text) =>
  run("readwrite", (store) => {
    for (const kind of ["snapshot", "thread"]) store.delete(range(kind));
    // The events that the snapshot contains, and those of other users.
    store.delete(IDBKeyRange.bound(["event"], ["event", user, seq]));
    store.delete(IDBKeyRange.bound(["event", user, []], ["event", []]));
    store.put(text, ["snapshot", user, 0]);
  });

export const texts = (...start) => run("readonly", (store) => store.getAll(range(...start)));

export const ids = (...start) =>
  run("readonly", (store) => store.getAllKeys(range(...start))).then((keys) => keys?.map((key) => key.at(-1)));

export const clear = () => run("readwrite", (store) => store.clear());
