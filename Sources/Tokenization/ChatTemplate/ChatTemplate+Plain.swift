extension ChatTemplate {
    /// A template for models that have none: the names of roles as headings.
    ///
    /// ```
    /// ### User
    /// Hello
    ///
    /// ### Assistant
    /// Hi there</s>
    /// ```
    ///
    /// A model that was fine-tuned with it should carry ``plainSource`` as its own template.
    public static func plain() throws(ChatTemplateError) -> ChatTemplate {
        try ChatTemplate(plainSource, name: "the plain template")
    }

    /// The source of ``plain()``. The assistant's turns, end tokens included, are marked as generated.
    public static let plainSource = """
        {{- bos_token if bos_token is defined -}}
        {%- for message in messages -%}
        {{- '### ' + (message['role'] | capitalize) + '\\n' -}}
        {%- if message['role'] == 'assistant' -%}
        {%- generation -%}
        {{- message['content'] -}}
        {{- eos_token if eos_token is defined -}}
        {%- endgeneration -%}
        {{- '\\n\\n' -}}
        {%- else -%}
        {{- message['content'] + '\\n\\n' -}}
        {%- endif -%}
        {%- endfor -%}
        {{- '### Assistant\\n' if add_generation_prompt -}}
        """
}
