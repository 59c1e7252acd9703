-- Neovim as a person uses it with `pvsplan lsp`, without a screen. HERE, PVSPLAN, FOLDER and FILE are in the environment.
local nvim = dofile(os.getenv('HERE') .. '/nvim.lua')
local wait = nvim.wait

nvim.run(function()
    local buffer, client = nvim.open(os.getenv('FILE'))
    local function errors() return nvim.errors(buffer) end
    local function place(...) return nvim.place(buffer, ...) end
    local document = vim.lsp.util.make_text_document_params(buffer)
    local function ask(method, parameters)
        parameters.textDocument = document
        local answer = client.request_sync('textDocument/' .. method, parameters, 120000, buffer)
        assert(answer and not answer.err, method .. ': ' .. vim.inspect(answer))
        return answer.result
    end

    wait('findings', function() return #vim.diagnostic.get(buffer) > 0 end)
    assert(#errors() == 0)
    vim.cmd('%s/at_most: 1/at_most: 2/')
    wait('a verdict', function() return #errors() > 0 end)
    local found = errors()[1]
    assert(vim.api.nvim_buf_get_lines(buffer, found.lnum, found.lnum + 1, false)[1]:find('at_most: 2', 1, true))
    local range = {start = {line = found.lnum, character = found.col}, ['end'] = {line = found.end_lnum, character = found.end_col}}
    local actions = ask('codeAction', {range = range, context = {diagnostics = {}}})
    assert(#actions > 0, 'a change that repairs it')
    vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
    wait('no error', function() return #errors() == 0 end)

    local items = ask('completion', {position = place('do: sqlserver.backup', 4)}).items
    assert(#items > 10)
    assert(ask('hover', {position = place('do: sqlserver.backup', 6)}).contents.value:find('undone by', 1, true))
    assert(ask('definition', {position = place('${steps.backup.file}', 10)}).uri == document.uri)
    local there = ask('definition', {position = place('do: sqlserver.backup', 16)})
    vim.lsp.util.jump_to_location(there, client.offset_encoding)
    assert(vim.api.nvim_get_current_line() == '  backup:', 'the library, as a file')
    vim.cmd('buffer ' .. buffer)
    assert(#ask('documentSymbol', {}) > 10)
    local renamed = ask('rename', {position = place('- id: backup', 6), newName = 'saved'})
    vim.lsp.util.apply_workspace_edit(renamed, client.offset_encoding)
    place('${steps.saved.file}')
    vim.wait(400, function() return false end, 20)  -- it tells of one edit, and later of the other
    wait('no error', function() return #errors() == 0 end)
    vim.cmd('%s/    do: sqlserver.backup/    do:   sqlserver.backup/')
    vim.lsp.buf.formatting_sync({}, 120000)
    place('    do: sqlserver.backup')
    client.stop()
    wait('the end', function() return client.is_stopped() end)
end)
