// Subscriptions to pushes, for `push.rs`. A subscription is described as the server takes it.

const registration = () => navigator.serviceWorker?.getRegistration();

const subscription = async () => (await registration())?.pushManager?.getSubscription();

const described = (subscription, device) => {
  const { endpoint, keys } = subscription.toJSON();
  return JSON.stringify({ endpoint, keys, device_id: device });
};

export const subscribe = async (key, device) => {
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const made = await pushManager.subscribe(options).catch(async () => {
    // The browser is subscribed with the key of another server, as after a restore.
    await unsubscribe();
    return pushManager.subscribe(options);
  });
  return described(made, device);
};

export const current = async (device) => {
  const known = await subscription();
  return known ? described(known, device) : undefined;
};

export const unsubscribe = async () => (await subscription())?.unsubscribe();

export const supported = () => "serviceWorker" in navigator && "PushManager" in window;
