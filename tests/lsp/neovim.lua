-- Neovim as a person uses it with `pvsplan lsp`, without a screen. PVSPLAN, FOLDER and FILE are in the environment.
local file = os.getenv('FILE')

local function wait(what, is_there)
    if not vim.wait(30000, is_there, 20) then error('it never came: ' .. what) end
end

local function go()
    vim.o.swapfile = false
    vim.cmd('edit ' .. file)
    local buffer = vim.api.nvim_get_current_buf()
    local id = vim.lsp.start_client({cmd = {os.getenv('PVSPLAN'), 'lsp'}, root_dir = os.getenv('FOLDER'), name = 'pvsplan'})
    vim.lsp.buf_attach_client(buffer, id)
    local client = vim.lsp.get_client_by_id(id)
    local function errors()
        return vim.diagnostic.get(buffer, {severity = vim.diagnostic.severity.ERROR})
    end
    local document = vim.lsp.util.make_text_document_params(buffer)
    local function ask(method, parameters)
        parameters.textDocument = document
        local answer = client.request_sync('textDocument/' .. method, parameters, 30000, buffer)
        assert(answer and not answer.err, method .. ': ' .. vim.inspect(answer))
        return answer.result
    end
    local function place(pattern, behind)
        for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
            local at = line:find(pattern, 1, true)
            if at then return {line = number - 1, character = at - 1 + (behind or 0)} end
        end
        error('there is no ' .. pattern)
    end

    wait('findings', function() return #vim.diagnostic.get(buffer) > 0 end)
    assert(#errors() == 0)
    vim.cmd('%s/at_most: 1/at_most: 2/')
    wait('a verdict', function() return #errors() > 0 end)
    local found = errors()[1]
    assert(vim.api.nvim_buf_get_lines(buffer, found.lnum, found.lnum + 1, false)[1]:find('at_most: 2', 1, true))
    local range = {start = {line = found.lnum, character = found.col}, ['end'] = {line = found.end_lnum, character = found.end_col}}
    local actions = ask('codeAction', {range = range, context = {diagnostics = {}}})
    assert(#actions > 0, 'a change that mends it')
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
    vim.lsp.buf.formatting_sync({}, 30000)
    place('    do: sqlserver.backup')
    client.stop()
    wait('the end', function() return client.is_stopped() end)
end

local is_fine, why = pcall(go)
if not is_fine then
    io.stderr:write(tostring(why) .. '\n')
    vim.cmd('cquit 1')
end
vim.cmd('qall!')
