// Pushes to this browser and notifications, for `push.rs` and `notification.rs`.

const registration = () => navigator.serviceWorker?.getRegistration();

const subscription = async () => (await registration())?.pushManager?.getSubscription();

// Through the worker, the only way that phones allow. On a first visit it may still be at work on its files.
export const notify = async (tag, title, body, path) => {
  if (window.Notification?.permission !== "granted") return;
  await (await navigator.serviceWorker?.ready)?.showNotification(title, { tag, body, icon: "/icon-192.png", data: { path } });
};

export const close = async (tag) => {
  const shown = await (await registration())?.getNotifications({ tag });
  for (const notification of shown ?? []) notification.close();
};

/** Ends the subscription in this browser alone, when the server cannot be reached. */
export const end = () => void subscription().then((made) => made?.unsubscribe()).catch(() => {});

export const supported = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** One step of what the browser and the server have to agree on. Returns the id of its subscription at the server, if it has one then; throws a sentence. */
export const act = async (step, token, device) => {
  const call = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const answer = await fetch(`/api/v1/push/${path}`, { method, headers, body });
    const result = await answer.json();
    if (!answer.ok) throw result.detail;
    return result;
  };
  const known = async () => {
    const { items } = await call("GET", "subscriptions");
    return items.find((item) => item.device_id === device)?.id;
  };
  // Also renews what the server knows: the browser may have another address by now, and the person another session.
  const send = async (made) => {
    const { endpoint, keys } = made.toJSON();
    return (await call("POST", "subscriptions", JSON.stringify({ endpoint, keys, device_id: device }))).id;
  };
  switch (step) {
    case "on": {
      const permission = await Notification.requestPermission();
      if (permission === "default") throw "Your browser waits for your permission. Tick it again to be asked once more.";
      if (permission !== "granted") return undefined;
      const { public_key } = await call("GET", "key");
      const { pushManager } = await navigator.serviceWorker.ready;
      // A subscription with the key of another server, as after a restore, is in the way of a new one.
      await (await subscription())?.unsubscribe();
      const options = { userVisibleOnly: true, applicationServerKey: public_key };
      const made = await pushManager.subscribe(options).catch(() => {
        throw "This browser did not accept notifications. Its push service may be off or out of reach.";
      });
      return send(made);
    }
    case "off": {
      const id = await known();
      await (await subscription())?.unsubscribe();
      if (id) await call("DELETE", `subscriptions/${id}`);
      return undefined;
    }
    case "test": {
      const id = await known();
      if (id) await call("POST", `subscriptions/${id}/test`);
      return id;
    }
    default: {
      const made = await subscription();
      return made && Notification.permission === "granted" ? send(made) : undefined;
    }
  }
};
