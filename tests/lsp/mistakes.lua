-- The ten mistakes of the tutorial, made in its own files in Neovim, each repaired by what the editor offers there.
local nvim = dofile(os.getenv('HERE') .. '/nvim.lua')

-- What a person sees in the menu of code actions at the cursor, and chooses there.
local function choose(title)
    local seen
    vim.ui.select = function(items, options, choose_one)
        seen = {}
        for _, item in ipairs(items) do
            table.insert(seen, item[2].title)
            if item[2].title == title then return choose_one(item) end
        end
    end
    vim.lsp.buf.code_action()
    nvim.wait('a menu', function() return seen end)
    assert(vim.tbl_contains(seen, title), title .. ' is not offered, but ' .. vim.inspect(seen))
end

-- `change` makes of the lines of a file others. The finding comes; what is offered at it ends it, and brings no other.
local function mistake(file, change, code, title)
    local buffer = nvim.open(file)
    local before = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
    if change then
        local changed = change(table.concat(before, '\n'))
        assert(changed ~= table.concat(before, '\n'), 'nothing is changed for ' .. code)
        vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(changed, '\n', {plain = true}))
    end
    local found
    nvim.wait(code, function()
        for _, one in ipairs(vim.diagnostic.get(buffer)) do
            if one.user_data.lsp.code == code then found = one end
        end
        return found
    end)
    vim.api.nvim_win_set_cursor(0, {found.lnum + 1, found.col})
    choose(title)
    nvim.wait('no error after ' .. title, function()
        for _, one in ipairs(vim.diagnostic.get(buffer)) do
            if one.user_data.lsp.code == code then return false end
        end
        return #nvim.errors(buffer) == 0
    end)
    if change then vim.api.nvim_buf_set_lines(buffer, 0, -1, false, before) end
    print(code .. ': ' .. title)
end

-- The first `old` in a text replaced by `new`, neither of them a pattern.
local function once(old, new)
    return function(text)
        local from, to = text:find(old, 1, true)
        return from and text:sub(1, from - 1) .. new .. text:sub(to + 1) or text
    end
end

local function consoles_before_the_rest(text)
    local rest, consoles, behind = text:find('  - id: rest\n', 1, true), text:find('  - id: consoles\n', 1, true), text:find('  - id: consoles-opened\n', 1, true)
    return text:sub(1, rest - 1) .. text:sub(consoles, behind - 1) .. text:sub(rest, consoles - 1) .. text:sub(behind)
end

nvim.run(function()
    local nights = 'two-nights.plan.yaml'
    mistake(nights, once('    do: sqlserver.backup', '\tdo: sqlserver.backup'), 'PV1002', 'indent with 4 blanks')
    mistake(nights, once('for_each', 'foreach'), 'PV1102', 'write `for_each`')
    mistake('order.plan.yaml', nil, 'PV3102', 'let `emptied` wait for `stopped`')
    mistake(nights, once('  - id: munich\n', '  - id: munich\n    at_most: 2\n'), 'PV4005', 'set `at_most: 1`')
    mistake(nights, once('"Hamburg"', '"hamburg"'), 'PV2123', 'write `Hamburg`')
    mistake(nights, once('id: backup', 'id: saved'), 'PV2016', 'write `saved`')
    mistake(nights, once('do: sqlserver.backup', 'do: sqlserver.backup\n    timeout: 90'), 'PV2032', 'write `90m`')
    mistake(nights, once('default: PVS-MUC-01', 'default: PVS-MUC-1'), 'PV2032', 'write `PVS-MUC-01`')
    mistake('rolling-upgrade.plan.yaml', consoles_before_the_rest, 'PV4002', 'move `consoles` behind `rest`')
    mistake('ticket.yaml', nil, 'PV1103', 'say that it cannot be undone, until you know how')
end)
