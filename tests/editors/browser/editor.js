// The page of codemirror.mjs: an editor of one plan.
import { yaml } from "@codemirror/lang-yaml";
import { LSPClient, languageServerExtensions } from "@codemirror/lsp-client";
import { EditorView, basicSetup } from "codemirror";

function transport(socket) {
  const handlers = new Set();
  socket.addEventListener("message", ({ data }) => handlers.forEach((handler) => handler(data)));
  return {
    send: (message) => socket.send(message),
    subscribe: (handler) => handlers.add(handler),
    unsubscribe: (handler) => handlers.delete(handler),
  };
}

let view;

window.open_plan = async ({ text, uri, root, socket: address }) => {
  const socket = new WebSocket(address);
  await new Promise((done) => socket.addEventListener("open", done));
  const client = new LSPClient({ rootUri: root, extensions: languageServerExtensions() }).connect(transport(socket));
  view = new EditorView({ doc: text, extensions: [basicSetup, yaml(), client.plugin(uri, "pvsplan")], parent: document.body });
};

window.change = (from, to) => {
  const at = view.state.doc.toString().indexOf(from);
  view.dispatch({ changes: { from: at, to: at + from.length, insert: to } });
  view.dispatch({ effects: EditorView.scrollIntoView(at, { y: "center" }) });
};
