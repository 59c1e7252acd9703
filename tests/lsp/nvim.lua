-- Neovim as a person uses it, without a screen: a plan that is open, what stands at it, what is offered.
-- PVSPLAN and FOLDER are in the environment.
local M = {}

function M.wait(what, is_there)
    if not vim.wait(120000, is_there, 20) then error('it never came: ' .. what) end
end

-- Opens a file of the folder with the server that runs, or a new one. The buffer, and the server's client.
function M.open(file)
    vim.o.swapfile = false
    vim.o.hidden = true
    local path = os.getenv('FOLDER') .. '/' .. file
    vim.cmd(vim.fn.bufloaded(path) == 1 and 'buffer ' .. vim.fn.bufnr(path) or 'edit ' .. path)
    local buffer = vim.api.nvim_get_current_buf()
    M.id = M.id or vim.lsp.start_client({cmd = {os.getenv('PVSPLAN'), 'lsp'}, root_dir = os.getenv('FOLDER'), name = 'pvsplan'})
    vim.lsp.buf_attach_client(buffer, M.id)
    return buffer, vim.lsp.get_client_by_id(M.id)
end

function M.errors(buffer)
    return vim.diagnostic.get(buffer, {severity = vim.diagnostic.severity.ERROR})
end

-- Where a text stands first, as editors count.
function M.place(buffer, text, behind)
    for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
        local at = line:find(text, 1, true)
        if at then return {line = number - 1, character = at - 1 + (behind or 0)} end
    end
    error('there is no ' .. text)
end

-- Does `go` and ends Neovim, with a status that says how it went.
function M.run(go)
    local is_fine, why = pcall(go)
    if not is_fine then
        io.stderr:write(tostring(why) .. '\n')
        vim.cmd('cquit 1')
    end
    vim.cmd('qall!')
end

return M
