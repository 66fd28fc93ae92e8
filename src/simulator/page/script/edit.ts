/** Runs in the browser: opens the dialogs, and sends the changes that are made in them. */
export const EDIT_SCRIPT = String.raw`
const dialog = byId('edit');
const form = dialog.querySelector('form');
const resetDialog = byId('reset');
/** The flag and the context of the dialog. The context is undefined for a new target. */
let edited;

function open(article, context) {
  edited = {
    flag: article.dataset.flag,
    context: context && { kind: context.dataset.kind, key: context.dataset.key },
  };
  form.reset();
  byId('choices').replaceChildren(article.querySelector('template').content.cloneNode(true));
  byId('edit-title').textContent = context ? 'Change a target' : 'Add a target';
  byId('edit-place').textContent = edited.flag + ' in ' + document.body.dataset.environment;
  form.kind.disabled = Boolean(context);
  form.key.readOnly = Boolean(context);
  byId('remove').hidden = !context;
  if (context) {
    form.kind.value = edited.context.kind;
    form.key.value = edited.context.key;
    const { variation } = context.closest('[data-variation]').dataset;
    form.querySelector('[name=variation][value="' + variation + '"]').checked = true;
  }
  complain(dialog, '');
  dialog.showModal();
  (context ? form.querySelector('[name=variation]:checked') : form.key).focus();
}

function complain(inside, message) {
  inside.querySelector('.error').textContent = message;
}

let silence;
function say(message) {
  byId('said').textContent = message;
  clearTimeout(silence);
  silence = setTimeout(() => (byId('said').textContent = ''), 8000);
}

async function send(inside, path, body) {
  // Buttons that are disabled would lose the focus.
  if (inside.classList.contains('busy')) return;
  inside.classList.add('busy');
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Page-Token': document.body.dataset.token },
      body: JSON.stringify(body),
    });
    const { message } = await response.json();
    if (!response.ok) return complain(inside, message);
    inside.close();
    say(message);
  } catch {
    complain(inside, 'The simulator did not answer. Is it still running?');
  } finally {
    inside.classList.remove('busy');
  }
}

function sendTarget(variation) {
  const { project, environment } = document.body.dataset;
  const { kind, key, comment } = form;
  send(dialog, '/page/targets', {
    project,
    environment,
    flag: edited.flag,
    kind: kind.value,
    key: key.value,
    variation,
    comment: comment.value,
  });
}

/** Back to what opened the dialog. By now it may have been replaced, or the target is gone. */
function focusEdited() {
  const article = [...document.querySelectorAll('.flag')].find((one) => one.dataset.flag === edited.flag);
  const same = ({ dataset }) => dataset.kind === edited.context?.kind && dataset.key === edited.context?.key;
  const context = edited.context && article && [...article.querySelectorAll('.context')].find(same);
  (context ?? article?.querySelector('.add') ?? input).focus();
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.matches('.add')) open(button.closest('.flag'));
  else if (button.matches('.context')) open(button.closest('.flag'), button);
  else if (button.matches('.cancel')) button.closest('dialog').close();
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  sendTarget(Number(new FormData(form).get('variation')));
});
byId('remove').addEventListener('click', () => sendTarget(null));
dialog.addEventListener('close', focusEdited);

byId('open-reset').addEventListener('click', () => {
  complain(resetDialog, '');
  resetDialog.showModal();
});
resetDialog.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  send(resetDialog, '/page/reset', {});
});
`;
