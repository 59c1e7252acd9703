#include "runtime/transport/powershell.hpp"

#include <cstdint>

#include "compiler/program/json_text.hpp"

namespace pvsplan::transport {

std::string base64(std::string_view bytes) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    result.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto at = [&](std::size_t k) {
            return i + k < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + k])) : 0U;
        };
        const std::uint32_t three = at(0) << 16U | at(1) << 8U | at(2);
        result += digits[three >> 18U];
        result += digits[three >> 12U & 63U];
        result += i + 1 < bytes.size() ? digits[three >> 6U & 63U] : '=';
        result += i + 2 < bytes.size() ? digits[three & 63U] : '=';
    }
    return result;
}

namespace {

struct Decoded {
    char32_t point = 0xfffd;
    std::size_t size = 1;
};

// The code point at the start of `text`, or U+FFFD for its first byte.
Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    static constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
    char32_t point = first & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return {};
        point = point << 6U | (byte(i) & 0x3fU);
    }
    if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return {};
    return {point, size};
}

}  // namespace

std::string utf16le(std::string_view utf8) {
    std::string result;
    result.reserve(utf8.size() * 2);
    const auto put = [&result](char32_t unit) {
        result += static_cast<char>(unit & 0xffU);
        result += static_cast<char>(unit >> 8U & 0xffU);
    };
    while (!utf8.empty()) {
        const auto [point, size] = decode(utf8);
        utf8.remove_prefix(size);
        if (point < 0x10000) {
            put(point);
        } else {
            put(0xd800 + ((point - 0x10000) >> 10U));
            put(0xdc00 + ((point - 0x10000) & 0x3ffU));
        }
    }
    return result;
}

std::string powershell_secrets(const std::map<std::string, std::string>& secrets) {
    std::string json = "{";
    for (const auto& [name, value] : secrets) {
        if (json.size() > 1) json += ',';
        program::write_json_string(json, name);
        json += ':';
        program::write_json_string(json, value);
    }
    return base64(json + "}");
}

// Windows PowerShell 5 and later. ConvertFrom-Json is given one string; a member is read by its name as written.
std::string powershell_file(std::string_view script, std::string_view data_json) {
    std::string text = R"ps($ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
try { [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false } catch { }
$OutputEncoding = New-Object System.Text.UTF8Encoding $false
function Read-PvsplanText([string] $base64) { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($base64)) }
$PvsplanData = Read-PvsplanText ')ps";
    text += base64(data_json.empty() ? "{}" : data_json);
    text += R"ps(' | ConvertFrom-Json
$With = $PvsplanData.With
$On = $PvsplanData.On
$Before = $PvsplanData.Before
$Secret = $null
if ($env:PVSPLAN_SECRET_JSON) { $Secret = Read-PvsplanText $env:PVSPLAN_SECRET_JSON | ConvertFrom-Json }
$env:PVSPLAN_SECRET_JSON = $null
Remove-Variable PvsplanData
$global:LASTEXITCODE = 0
. ([ScriptBlock]::Create((Read-PvsplanText ')ps";
    text += base64(script);
    text += R"ps(')))
exit $global:LASTEXITCODE
)ps";
    return text;
}

}  // namespace pvsplan::transport
