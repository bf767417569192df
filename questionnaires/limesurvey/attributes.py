"""Attributes of questions: which a questionnaire takes along, which only say how LimeSurvey draws, what the rest mean."""

import re
from collections.abc import Iterator, Mapping

from questionnaires.limesurvey import survey as lime

#: only how LimeSurvey draws a question, exports or counts it
_LOOKS = """
alphasort answer_width answer_width_bycolumn array_filter_style button_size category_separator choice_input_columns
choice_title clear_default commented_checkbox commented_checkbox_auto crop_or_resize cssclass display_columns
display_rows display_type dropdown_dates dropdown_dates_minute_step dropdown_dates_month_style dropdown_prefix
dropdown_prepostfix dropdown_separators dropdown_size fix_height fix_width form_group hide_tip horizontal_scroll image
input_size keep_aspect label_input_columns location_city location_country location_defaultcoordinates location_mapheight
location_mapwidth location_mapzoom location_nodefaultfromip location_postal location_state max_buttons_row
min_num_of_files_message num_value_int_only_message numbers_only_buttons other_position other_position_code page_break
parent_order placeholder_position printable_help public_statistics rank_title repeat_headings reverse samechoiceheight
samelistheight save_as_default scale_export show_comment show_grand_total show_title show_totals showpopups
slider_custom_handle slider_handle slider_middlestart slider_orientation slider_rating slider_reset slider_reversed
slider_separator slider_showminmax statistics_graphtype statistics_showgraph statistics_showmap subquestion_width
text_input_columns text_input_width theme_template thousands_separator time_limit_action time_limit_countdown_message
time_limit_disable_next time_limit_disable_prev time_limit_message time_limit_message_delay time_limit_message_style
time_limit_timer_style time_limit_warning time_limit_warning_2 time_limit_warning_2_display_time
time_limit_warning_2_message time_limit_warning_2_style time_limit_warning_display_time time_limit_warning_message
time_limit_warning_style use_dropdown value_range_allows_missing
"""
LOOKS = frozenset(_LOOKS.split())
#: what `questions` and its neighbours make use of
_TAKEN = """
answer_order array_filter date_format date_max date_min dualscale_headerA dualscale_headerB em_validation_q
em_validation_q_tip em_validation_sq em_validation_sq_tip equation exclude_all_others hidden input_boxes max_answers
max_num_value_n maximum_chars min_answers min_num_value_n multiflexible_checkbox multiflexible_max multiflexible_min
num_value_int_only numbers_only other_comment_mandatory other_numbers_only other_replace_text random_order
slider_accuracy slider_layout slider_max slider_min subquestion_order
"""
TAKEN = frozenset(_TAKEN.split())
#: what else changes the meaning of a question -> in words
_MEANT: Mapping[str, str] = {
    "array_filter_exclude": "ẩn phương án theo câu trước",
    "assessment_value": "điểm đánh giá",
    "equals_num_value": "tổng các ô phải bằng",
    "exclude_all_others_auto": "tự chọn phương án loại trừ",
    "location_mapservice": "bản đồ",
    "max_num_value": "tổng lớn nhất",
    "min_num_value": "tổng nhỏ nhất",
    "multiflexible_step": "bước của bảng số",
    "placeholder": "chữ mờ trong ô",
    "prefix": "chữ trước ô",
    "random_group": "nhóm xáo thứ tự câu",
    "slider_default": "vị trí đầu của thanh trượt",
    "suffix": "chữ sau ô",
    "time_limit": "giới hạn thời gian",
}
#: how LimeSurvey itself draws its types; any other theme may show something else
_THEMES = """
5pointchoice arrays/10point arrays/5point arrays/array arrays/column arrays/dualscale arrays/increasesamedecrease
arrays/multiflexi arrays/texts arrays/yesnouncertain boilerplate bootstrap_buttons bootstrap_buttons_multi
bootstrap_dropdown core date equation file_upload gender hugefreetext inputondemand language list_dropdown
list_with_comment listradio longfreetext multiplechoice multiplechoice_with_comments multiplenumeric multipleshorttext
numerical ranking ranking_advanced shortfreetext yesno
"""
THEMES = frozenset(_THEMES.split())
_NO_EFFECT = frozenset({"", "0", "N", "default", "normal", "1;", "off", "none"})
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")


def rest(question: lime.Question) -> str:
    """The attributes with a meaning that do not come along, in one line; "" for none."""
    return "; ".join(_rest(question))


def _rest(question: lime.Question) -> Iterator[str]:
    for name in sorted(question.attributes):
        if name in TAKEN or name in LOOKS or question.attribute(name) in _NO_EFFECT:
            continue
        if name == "multiflexible_step" and question.attribute(name) == "1":
            continue
        said = _MEANT.get(name)
        yield f"{f'{said} ({name})' if said else name[:60]} = “{' '.join(question.attribute(name).split())[:60]}”"


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
