// Finds elements by role and accessible name, as arguments[0] says: [{role, name, exact}, …], outermost first.
// A small part of the accessible name computation, enough for the names that the client promises; one test compares it
// with what the browser's own accessibility tree says.
const SELECTORS = {
  alert: '[role=alert]',
  article: 'article,[role=article]',
  banner: 'header,[role=banner]',
  button: 'button,[role=button],input[type=submit]',
  checkbox: 'input[type=checkbox],[role=checkbox]',
  complementary: 'aside,[role=complementary]',
  dialog: 'dialog,[role=dialog],[role=alertdialog]',
  form: 'form,[role=form]',
  group: 'fieldset,details,[role=group]',
  heading: 'h1,h2,h3,[role=heading]',
  link: 'a[href],[role=link]',
  list: 'ul,ol,menu,[role=list]',
  listitem: 'li,[role=listitem]',
  log: '[role=log]',
  main: 'main,[role=main]',
  navigation: 'nav,[role=navigation]',
  password: 'input[type=password]',
  radio: 'input[type=radio],[role=radio]',
  region: 'section,[role=region]',
  searchbox: 'input[type=search],[role=searchbox]',
  status: 'output,[role=status]',
  tab: '[role=tab]',
  toolbar: '[role=toolbar]',
  textbox: 'textarea,input:not([type]),input[type=text],input[type=email],input[type=url],[role=textbox]',
};
const words = (text) => (text || '').replace(/\s+/g, ' ').trim();
const content = (element) => {
  let text = '';
  for (const node of element.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) text += node.data;
    else if (node.nodeType === Node.ELEMENT_NODE && node.getAttribute('aria-hidden') !== 'true') {
      text += ' ' + (node.getAttribute('aria-label') || content(node)) + ' ';
    }
  }
  return text;
};
const FROM_CONTENT = ['button', 'checkbox', 'heading', 'link', 'radio', 'tab'];
const nameOf = (element, role) => {
  const labelledBy = element.getAttribute('aria-labelledby');
  if (labelledBy) return words(labelledBy.split(/\s+/).map((id) => content(document.getElementById(id) || document.createElement('i'))).join(' '));
  const label = words(element.getAttribute('aria-label'));
  if (label) return label;
  if (element.labels && element.labels.length) return words([...element.labels].map(content).join(' '));
  if (element.tagName === 'FIELDSET' && element.querySelector('legend')) return words(content(element.querySelector('legend')));
  if (FROM_CONTENT.includes(role) && words(content(element))) return words(content(element));
  return words(element.getAttribute('title') || element.getAttribute('placeholder'));
};
// Transparent is not hidden: buttons that show on hover are in the accessibility tree all the time.
const shown = (element) =>
  element.checkVisibility({ visibilityProperty: true }) && !element.closest('[aria-hidden=true],[inert]');
const roleOf = (element, role) => {
  const explicit = element.getAttribute('role');
  if (explicit) return explicit === role || (role === 'dialog' && explicit === 'alertdialog');
  if (role === 'textbox') return !element.list;
  return true;
};
let scopes = [document];
for (const { role, name, exact } of arguments[0]) {
  const found = new Set();
  for (const scope of scopes) {
    for (const element of scope.querySelectorAll(SELECTORS[role])) {
      const said = nameOf(element, role);
      if (roleOf(element, role) && shown(element) && (exact ? said === name : said.startsWith(name))) found.add(element);
    }
  }
  scopes = [...found];
}
return scopes;
